import "@mantine/charts/styles.layer.css";
import { AreaChart, BarChart } from "@mantine/charts";
import { useReducedMotion } from "@mantine/hooks";
import { wholeNumber } from "../format/duration.ts";
import { useViewer } from "../format/viewer.tsx";

interface SeriesChartProps {
  name: string;
  kind: "area" | "bars";
  interval: string;
  series: { t: string; value: number }[];
}

/** A count over time. Hours are shown in the viewer's zone; days are the API's, which end at midnight UTC. */
export default function SeriesChart({ name, kind, interval, series }: SeriesChartProps) {
  const { timeZone } = useViewer();
  const still = useReducedMotion();
  const label = (t: string) => tick(new Date(t), interval, timeZone);
  const common = {
    h: "100%",
    data: series.map(({ t, value }) => ({ at: label(t), [name]: value })),
    dataKey: "at",
    series: [{ name, color: "var(--rr-accent-line)" }],
    gridColor: "var(--rr-line)",
    textColor: "var(--rr-dim)",
    gridAxis: "x" as const,
    strokeDasharray: "0",
    tickLine: "none" as const,
    valueFormatter: wholeNumber,
    yAxisProps: { width: 36, allowDecimals: false },
    xAxisProps: { minTickGap: 28, interval: "equidistantPreserveStart" as const },
  };
  return kind === "area" ? (
    <AreaChart
      {...common}
      curveType="linear"
      withDots={false}
      fillOpacity={0.18}
      strokeWidth={1.75}
      areaProps={{ isAnimationActive: !still, animationDuration: 250 }}
    />
  ) : (
    <BarChart
      {...common}
      maxBarWidth={28}
      barProps={{ radius: [3, 3, 0, 0], isAnimationActive: !still, animationDuration: 250 }}
    />
  );
}

function tick(at: Date, interval: string, timeZone: string): string {
  return interval === "hour"
    ? at.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" })
    : at.toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
}
