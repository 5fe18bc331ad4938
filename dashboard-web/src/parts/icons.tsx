// The few pictures the page needs, as inline SVG elements. Decorative: the
// button around one has the name.
const PATHS = {
  pause: "M6 4v12M12 4v12",
  play: "M6 4l9 6-9 6z",
  refresh: "M15.5 10a5.5 5.5 0 1 1-1.6-3.9M15.5 3.5v3.2h-3.2",
  gear: "M10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM10 2.8v2M10 15.2v2M2.8 10h2M15.2 10h2M4.9 4.9l1.4 1.4M13.7 13.7l1.4 1.4M4.9 15.1l1.4-1.4M13.7 6.3l1.4-1.4",
  help: "M7.6 7.6a2.4 2.4 0 1 1 3.3 2.3c-.7.3-.9.8-.9 1.6M10 14.4v.1",
  close: "M5 5l10 10M15 5L5 15",
  copy: "M7 7h9v9H7zM4 13V4h9",
  down: "M10 3.5v9M6.2 9l3.8 3.8L13.8 9M4 16.5h12",
  out: "M8 4H4v12h4M9 10h8M13.5 6.5L17 10l-3.5 3.5",
  columns: "M3.5 4h13v12h-13zM8 4v12M12.3 4v12",
  stop: "M6 6h8v8H6z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
