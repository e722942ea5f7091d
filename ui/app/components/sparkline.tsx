import { memo } from "react";

interface SparklineProps {
  /** Events in equal stretches of time. */
  counts: readonly number[];
  width: number;
  height: number;
  className?: string;
}

/** Activity over a session as an area. Its scale is the square root: one burst must not flatten the rest. */
export const Sparkline = memo(function Sparkline({ counts, width, height, className }: SparklineProps) {
  return (
    <svg
      className={className}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={areaPath(counts, width, height)} />
    </svg>
  );
});

/** A closed path of one bar a stretch, side by side; a stretch with events is at least a hair high. */
export function areaPath(counts: readonly number[], width: number, height: number): string {
  const most = Math.sqrt(Math.max(0, ...counts));
  if (most === 0) return "";
  const step = width / counts.length;
  const tops = counts.map((count, i) => {
    const y = height - (count === 0 ? 0 : Math.max(1, (Math.sqrt(count) / most) * height));
    return `V${round(y)}H${round((i + 1) * step)}`;
  });
  return `M0 ${height}${tops.join("")}V${height}Z`;
}

const round = (value: number) => Math.round(value * 10) / 10;
