// Metrics as text: Prometheus 0.0.4, or OpenMetrics 1.0 for a scraper that prefers it.

import { parsePreferences } from "./accept.ts";
import { Histogram } from "./metric.ts";
import type { MetricChild, MetricFamily, MetricsRegistry } from "./metrics-registry.ts";

/** A scrape's answer. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

interface Dialect {
  readonly contentType: string;
  /** Name on the HELP and TYPE lines. */
  familyName(family: MetricFamily): string;
  helpText(help: string): string;
  bound(value: number): string;
  readonly end: string;
}

const OPEN_METRICS = "application/openmetrics-text";

const prometheus: Dialect = {
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  familyName: (family) => family.name,
  helpText: (help) => help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n"),
  bound: (value) => formatNumber(value),
  end: "",
};

const openMetrics: Dialect = {
  contentType: `${OPEN_METRICS}; version=1.0.0; charset=utf-8`,
  familyName: (family) => (family.type === "counter" ? family.name.replace(/_total$/, "") : family.name),
  helpText: escapeLabel,
  bound: (value) => (Number.isInteger(value) ? `${value}.0` : formatNumber(value)), // the standard's canonical form
  end: "# EOF\n",
};

/**
 * Writes all metrics down.
 * @param accept the scraper's Accept header
 */
export function exposeMetrics(registry: MetricsRegistry, accept: string | undefined): Exposition {
  const dialect = wantsOpenMetrics(accept ?? "") ? openMetrics : prometheus;
  let text = "";
  for (const family of registry.families()) text += familyText(family, dialect);
  return { contentType: dialect.contentType, text: text + dialect.end };
}

function wantsOpenMetrics(accept: string): boolean {
  let open = 0;
  let plain = 0;
  for (const { value, quality } of parsePreferences(accept)) {
    if (value === OPEN_METRICS) open = Math.max(open, quality);
    else if (value === "text/plain") plain = Math.max(plain, quality);
  }
  return open > 0 && open >= plain;
}

function familyText(family: MetricFamily, dialect: Dialect): string {
  const name = dialect.familyName(family);
  let text = `# HELP ${name} ${dialect.helpText(family.help)}\n# TYPE ${name} ${family.type}\n`;
  for (const child of family.children.values()) text += childText(family.name, child, dialect);
  return text;
}

function childText(name: string, { labels, metric }: MetricChild, dialect: Dialect): string {
  const inner = labels.map(([label, value]) => `${label}="${escapeLabel(value)}"`).join(",");
  if (metric instanceof Histogram) return histogramText(name, inner, metric, dialect);
  const value = "read" in metric ? metric.read() : metric.value;
  return `${name}${braced(inner)} ${formatNumber(value)}\n`;
}

function histogramText(name: string, inner: string, histogram: Histogram, dialect: Dialect): string {
  const prefix = inner === "" ? "" : `${inner},`;
  let text = "";
  let cumulated = 0;
  histogram.counts.forEach((count, index) => {
    const bound = histogram.bounds[index];
    cumulated += count;
    text += `${name}_bucket{${prefix}le="${bound === undefined ? "+Inf" : dialect.bound(bound)}"} ${cumulated}\n`;
  });
  return `${text}${name}_sum${braced(inner)} ${formatNumber(histogram.sum)}\n${name}_count${
    braced(inner)
  } ${cumulated}\n`;
}

function braced(inner: string): string {
  return inner === "" ? "" : `{${inner}}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
