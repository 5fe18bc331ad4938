// A small time series: the last minutes, one point a second. Drawn by uPlot on a
// canvas; the newest values stand beside it as text for those who cannot see it.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { rate } from "../format/numbers";
import { type ChartData, chartData, smooth } from "../state/headline";
import { knownUntil } from "../state/live";
import { asOf, settings, shown } from "../store";

const SECONDS = 180;
/** The lines are means over this many seconds. */
const SMOOTH_S = 5;

export interface Line {
  name: string;
  /** A CSS custom property. */
  colour: string;
  of: (data: ChartData) => number[];
  fill?: boolean;
  /** Only its number is shown: on the same scale its line would flatten the others. */
  legendOnly?: boolean;
}

export function Chart(props: { label: string; lines: Line[] }) {
  const lines = props.lines.filter((line) => !line.legendOnly);
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const size = () => ({
      width: Math.max(120, box.clientWidth),
      height: Math.max(60, box.clientHeight),
    });
    const plot = new uPlot(optionsOf(lines, size()), emptyData(lines), box);
    let drawn = 0;
    const stopData = effect(() => {
      const state = shown.value;
      if (!state) return;
      const end = Math.floor(knownUntil(state, asOf.value) / 1000);
      if (end === drawn) return;
      drawn = end;
      // Some seconds more than are shown, so that the first mean is one too.
      const data = chartData(state.series, end * 1000, SECONDS + SMOOTH_S);
      const cut = (values: number[]) => values.slice(SMOOTH_S);
      plot.setData([cut(data.times), ...lines.map((line) => cut(smooth(line.of(data), SMOOTH_S)))]);
    });
    const stopTheme = effect(() => {
      settings.value.theme;
      plot.redraw(false, true);
    });
    const watcher = new ResizeObserver(() => plot.setSize(size()));
    watcher.observe(box);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => setTimeout(() => plot.redraw(false, true));
    dark.addEventListener("change", repaint);
    return () => {
      stopData();
      stopTheme();
      watcher.disconnect();
      dark.removeEventListener("change", repaint);
      plot.destroy();
    };
  }, []);

  return (
    <div class="chart">
      <ul class="legend">
        {props.lines.map((line) => (
          <li key={line.name}>
            {!line.legendOnly && <span class={`swatch swatch${line.colour}`} aria-hidden="true" />}
            {line.name} <LastValue line={line} />
          </li>
        ))}
      </ul>
      <div class="chart-canvas" ref={host} role="img" aria-label={props.label} />
    </div>
  );
}

/** The mean of the last ten seconds, which is what the eye takes from the line. */
function LastValue({ line }: { line: Line }) {
  const state = shown.value;
  if (!state) return null;
  const values = line.of(chartData(state.series, knownUntil(state, asOf.value), 10));
  return <b>{rate(values.reduce((a, b) => a + b, 0) / 10)}</b>;
}

function optionsOf(lines: Line[], size: { width: number; height: number }): uPlot.Options {
  const css = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: () => css("--text-dim"),
    font: "11px InterVariable, system-ui, sans-serif",
    ticks: { show: false },
  };
  return {
    ...size,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 20,
        grid: { show: false },
        space: 60,
        values: (plot, splits) => {
          const end = plot.data[0][plot.data[0].length - 1] ?? 0;
          return splits.map((t) => ago(end - t));
        },
        splits: (plot) => {
          const end = plot.data[0][plot.data[0].length - 1] ?? 0;
          return [end - 150, end - 120, end - 90, end - 60, end - 30, end];
        },
      },
      {
        ...axis,
        size: 38,
        space: 26,
        grid: { stroke: () => css("--line"), width: 1 },
        values: (_plot, splits) => splits.map((v) => axisNumber(v)),
      },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        stroke: () => css(line.colour),
        width: 1.5,
        points: { show: false },
        ...(line.fill && { fill: () => `${css(line.colour)}22` }),
      })),
    ],
  };
}

/** 0.5, 40, 2k, 100k: axis labels have no room for more. */
const axisNumber = (v: number): string => {
  if (v >= 1000) return v % 1000 === 0 ? `${v / 1000}k` : `${(v / 1000).toFixed(1)}k`;
  return Number.isInteger(v) ? String(v) : v.toFixed(1);
};

const ago = (seconds: number): string => {
  if (seconds <= 0) return "now";
  return seconds % 60 === 0 ? `-${seconds / 60} min` : `-${seconds} s`;
};

function emptyData(lines: Line[]): uPlot.AlignedData {
  return [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData;
}
