/** Stacks of a session's errors in the words of the sources, by the maps that were uploaded for the errors' release. */
import { type TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { z } from "zod";
import { cut } from "#core/facts/bounds.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import type { TimelineItem } from "../playback/timeline.ts";
import { findSourceMaps, sourceMapBytes } from "../queries/source-maps.ts";
import { type ReadMap, readSourceMap } from "./source-map.ts";
import { type StackFrame, stackFrame } from "./stack-frame.ts";

const CACHE_BYTES_MAX = 256 * 1024 * 1024;
/** Maps that cannot be used take nothing, and are remembered, too. */
const CACHE_MAPS_MAX = 1_000;

/** What one answer may take: errors of a session are mostly the same few. */
const MAPS_OF_ANSWER_MAX = 20;
const MAP_TEXT_OF_ANSWER_MAX = 32 * 1024 * 1024;
/** More than any one map takes. */
const MAP_MEMORY_OF_ANSWER_MAX = 1024 * 1024 * 1024;
const RELEASES_OF_ANSWER_MAX = 5;
const FRAMES_OF_ANSWER_MAX = 1_000;

const CONTEXT_LINES = 3;
const CONTEXT_LINE_MAX = 200;
/** Of a source or function: each frame of an answer says its own. */
const NAME_MAX = 500;

const ErrorDetail = z.object({ stack: z.string(), release: z.string().optional() });

/** A frame as its sources have it. */
interface MappedFrame {
  function?: string;
  source: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** Lines of the source around it, where the map has the source. */
  context?: { first_line: number; lines: string[] };
}

interface ErrorStack {
  item: TimelineItem;
  release: string;
  frames: (StackFrame | null)[];
}

/** Adds `mapped` to the detail of each error: an entry a line of its stack, null where no map has it. */
export function errorMapper(sql: Sql) {
  const cache = new Map<string, { map: Promise<ReadMap | null>; bytes: number }>();

  function cached(projectId: number, hash: string): Promise<ReadMap | null> {
    const key = `${projectId}/${hash}`;
    const known = cache.get(key);
    if (known) {
      cache.delete(key);
      cache.set(key, known);
      return known.map;
    }
    const entry = { map: keptMap(projectId, hash), bytes: 0 };
    cache.set(key, entry);
    entry.map.then(
      (read) => {
        entry.bytes = read?.bytes ?? 0;
        shrink();
      },
      () => cache.delete(key),
    );
    return entry.map;
  }

  /** Null for what cannot be used, too: it may be from before an upload was refused for it. */
  async function keptMap(projectId: number, hash: string): Promise<ReadMap | null> {
    const bytes = await sourceMapBytes(sql, projectId, hash);
    const read = bytes && readSourceMap(bytes);
    return read && "map" in read ? read : null;
  }

  function shrink(): void {
    let bytes = [...cache.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [oldest, entry] of cache) {
      if ((bytes <= CACHE_BYTES_MAX && cache.size <= CACHE_MAPS_MAX) || cache.size === 1) break;
      cache.delete(oldest);
      bytes -= entry.bytes;
    }
  }

  async function mapsFor(projectId: number, errors: readonly ErrorStack[]): Promise<Map<string, TraceMap>> {
    const byRelease = Map.groupBy(errors, ({ release }) => release);
    const maps = new Map<string, TraceMap>();
    let textLeft = MAP_TEXT_OF_ANSWER_MAX;
    let memoryLeft = MAP_MEMORY_OF_ANSWER_MAX;
    for (const [release, ofRelease] of [...byRelease].slice(0, RELEASES_OF_ANSWER_MAX)) {
      const paths = new Set(ofRelease.flatMap(({ frames }) => frames.flatMap((frame) => frame?.path ?? [])));
      for (const [path, { hash, byteLength }] of await findSourceMaps(sql, projectId, release, [...paths])) {
        textLeft -= byteLength;
        if (maps.size >= MAPS_OF_ANSWER_MAX || textLeft < 0) return maps;
        const read = await cached(projectId, hash);
        if (!read) continue;
        memoryLeft -= read.bytes;
        if (memoryLeft < 0) return maps;
        maps.set(`${release}\n${path}`, read.map);
      }
    }
    return maps;
  }

  /** @param sessionRelease for errors that do not say theirs */
  return async (
    projectId: number,
    sessionRelease: string | null,
    items: readonly TimelineItem[],
  ): Promise<TimelineItem[]> => {
    const errors = errorStacks(items, sessionRelease);
    if (errors.length === 0) return [...items];
    const maps = await mapsFor(projectId, errors);
    if (maps.size === 0) return [...items];
    const mapped = new Map(
      errors.map(({ item, release, frames }) => [
        item,
        frames.map((frame) => {
          const map = frame && maps.get(`${release}\n${frame.path}`);
          return map ? original(map, frame) : null;
        }),
      ]),
    );
    return items.map((item) => {
      const frames = mapped.get(item);
      return frames?.some((frame) => frame !== null) ? { ...item, detail: { ...item.detail, mapped: frames } } : item;
    });
  };
}

function errorStacks(items: readonly TimelineItem[], sessionRelease: string | null): ErrorStack[] {
  let left = FRAMES_OF_ANSWER_MAX;
  return items.flatMap((item) => {
    if (item.type !== "$error" || left <= 0) return [];
    const detail = ErrorDetail.safeParse(item.detail);
    const release = detail.data?.release ?? sessionRelease;
    if (!detail.success || !release) return [];
    const frames = detail.data.stack.split("\n").slice(0, left).map(stackFrame);
    left -= frames.length;
    return [{ item, release, frames }];
  });
}

/** A map may hold any number for a source, a line or a column. */
function original(map: TraceMap, frame: StackFrame): MappedFrame | null {
  const segment = traceSegment(map, Math.max(0, frame.line - 1), Math.max(0, frame.column - 1));
  if (!segment || segment.length === 1) return null;
  const [, index, line, column, nameIndex] = segment;
  const source = map.resolvedSources[index];
  if (typeof source !== "string" || line < 0 || column < 0) return null;
  const name = (nameIndex !== undefined && map.names[nameIndex]) || frame.function;
  const text = map.sourcesContent?.[index];
  return {
    ...(name !== "" && { function: cut(name, NAME_MAX) }),
    source: cut(source, NAME_MAX),
    line: line + 1,
    column: column + 1,
    ...(typeof text === "string" && { context: contextOf(text, lineStartsOf(map, index, text), line + 1) }),
  };
}

/** Found once for a map and source: a stack names a large source many times. */
const lineStarts = new WeakMap<TraceMap, Map<number, number[]>>();

function lineStartsOf(map: TraceMap, source: number, text: string): number[] {
  const ofMap = lineStarts.get(map) ?? new Map<number, number[]>();
  lineStarts.set(map, ofMap);
  const known = ofMap.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  ofMap.set(source, starts);
  return starts;
}

function contextOf(source: string, starts: readonly number[], line: number): { first_line: number; lines: string[] } {
  const first_line = Math.max(1, line - CONTEXT_LINES);
  const lines = starts.slice(first_line - 1, line + CONTEXT_LINES).map((start, i) => {
    const end = starts[first_line + i];
    return source.slice(start, Math.min(start + CONTEXT_LINE_MAX, end === undefined ? source.length : end - 1));
  });
  return { first_line, lines };
}
