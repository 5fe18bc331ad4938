// The settings popover. What is chosen holds for this browser and for all its tabs.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { POLL_CHOICES, type Settings, TICK_CHOICES } from "../state/settings";
import { change, settings } from "../store";
import { Icon } from "./icons";

const open = signal(false);

export const closeSettings = (): boolean => {
  const was = open.peek();
  open.value = false;
  return was;
};

export function SettingsButton() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const outside = (event: Event) => {
      if (box.current && !box.current.contains(event.target as Node)) open.value = false;
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  return (
    <div class="popover-anchor" ref={box}>
      <button
        type="button"
        class="tool"
        title="Settings"
        aria-expanded={open.value}
        aria-controls="settings"
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Icon name="gear" />
        <span class="sr">Settings</span>
      </button>
      {open.value && <Popover />}
    </div>
  );
}

function Popover() {
  const s = settings.value;
  return (
    <fieldset class="popover" id="settings" aria-label="Settings">
      <Choice<Settings["theme"]>
        label="Theme"
        value={s.theme}
        choices={[
          ["auto", "Auto"],
          ["light", "Light"],
          ["dark", "Dark"],
        ]}
        onChange={(theme) => change({ theme })}
      />
      <Choice<Settings["density"]>
        label="Density"
        value={s.density}
        choices={[
          ["compact", "Compact"],
          ["comfortable", "Comfortable"],
        ]}
        onChange={(density) => change({ density })}
      />
      <Choice<"on" | "off">
        label="Live stream"
        value={s.sse ? "on" : "off"}
        choices={[
          ["on", "On"],
          ["off", "Off, poll"],
        ]}
        onChange={(value) => change({ sse: value === "on" })}
      />
      <Select
        label="Polling interval"
        value={s.pollMs}
        choices={POLL_CHOICES}
        onChange={(pollMs) => change({ pollMs })}
      />
      <Select
        label="Durations tick"
        value={s.tickMs}
        choices={TICK_CHOICES}
        onChange={(tickMs) => change({ tickMs })}
      />
      <p class="dim">Polling is used when the stream is off or does not come.</p>
    </fieldset>
  );
}

function Choice<T extends string>(props: {
  label: string;
  value: T;
  choices: [T, string][];
  onChange(value: T): void;
}) {
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <span class="segments">
        {props.choices.map(([value, text]) => (
          <label key={value}>
            <input
              type="radio"
              name={props.label}
              checked={props.value === value}
              onChange={() => props.onChange(value)}
            />
            <span>{text}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}

function Select(props: {
  label: string;
  value: number;
  choices: readonly number[];
  onChange(value: number): void;
}) {
  const all = props.choices.includes(props.value)
    ? props.choices
    : [...props.choices, props.value].sort((a, b) => a - b);
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select
        value={props.value}
        onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      >
        {all.map((ms) => (
          <option key={ms} value={ms}>
            every {ms / 1000} s
          </option>
        ))}
      </select>
    </label>
  );
}
