// A titled box. Its body may be covered by a note that says why there is nothing.
import type { ComponentChildren } from "preact";

export function Panel(props: {
  title: string;
  sub?: ComponentChildren;
  tools?: ComponentChildren;
  class?: string;
  cover?: ComponentChildren;
  children: ComponentChildren;
}) {
  const id = `panel-${props.title.toLowerCase().replace(/\W+/g, "-")}`;
  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.sub !== undefined && <span class="panel-sub">{props.sub}</span>}
        <span class="spacer" />
        {props.tools}
      </div>
      <div class="panel-body">
        {props.children}
        {props.cover && <div class="cover">{props.cover}</div>}
      </div>
    </section>
  );
}
