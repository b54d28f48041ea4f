// All metrics of the process by name and labels. Used at build time and by a scrape; traffic holds the handles.

import type { Labels } from "./metric.ts";
import { Counter, Gauge, Histogram } from "./metric.ts";

/** What a family's children are. */
export type MetricType = "counter" | "gauge" | "histogram";

/** A gauge whose value is asked for when somebody scrapes. */
export interface GaugeFunction {
  read(): number;
}

/** A handle of any kind. */
export type Metric = Counter | Gauge | Histogram | GaugeFunction;

/** One set of labels of a family. */
export interface MetricChild {
  /** Sorted by name. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly metric: Metric;
}

/** All children of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly children: ReadonlyMap<string, MetricChild>;
}

interface Family extends MetricFamily {
  readonly children: Map<string, MetricChild>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Metric families. Asking twice for the same name and labels gives the same handle. */
export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  /** @throws {TypeError} for a name or label Prometheus does not allow, or a name taken by another type */
  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#child({ name, help, type: "counter" }, labels, isCounter, () => new Counter());
  }

  /** @throws {TypeError} see {@link counter} */
  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    return this.#child({ name, help, type: "gauge" }, labels, isGauge, () => new Gauge());
  }

  /** A gauge that is read when scraped. A second one of the same labels replaces the first. */
  gaugeFunction(name: string, help: string, read: () => number, labels: Labels = {}): void {
    const family = this.#family({ name, help, type: "gauge" });
    const sorted = sortLabels(labels);
    family.children.set(keyOf(sorted), { labels: sorted, metric: { read } });
  }

  /**
   * @param buckets upper bounds; sorted and freed of doubles here. Those of the first child count for its labels
   * @throws {TypeError} see {@link counter}
   */
  histogram(name: string, help: string, labels: Labels, buckets: readonly number[]): Histogram {
    const bounds = [...new Set(buckets)].filter(Number.isFinite).sort((left, right) => left - right);
    return this.#child({ name, help, type: "histogram" }, labels, isHistogram, () => new Histogram(bounds));
  }

  /** Drops one child; a family without children is dropped too. Handles still held go on counting for nobody. */
  remove(name: string, labels: Labels = {}): void {
    const family = this.#families.get(name);
    if (family === undefined) return;
    family.children.delete(keyOf(sortLabels(labels)));
    if (family.children.size === 0) this.#families.delete(name);
  }

  /** Families in order of name. */
  families(): readonly MetricFamily[] {
    return [...this.#families.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  #child<T extends Metric>(
    family: Omit<MetricFamily, "children">,
    labels: Labels,
    is: (metric: Metric) => metric is T,
    create: () => T,
  ): T {
    const { children } = this.#family(family);
    const sorted = sortLabels(labels);
    const key = keyOf(sorted);
    const known = children.get(key);
    if (known !== undefined && is(known.metric)) return known.metric;
    const metric = create();
    children.set(key, { labels: sorted, metric });
    return metric;
  }

  #family(wanted: Omit<MetricFamily, "children">): Family {
    const known = this.#families.get(wanted.name);
    if (known?.type === wanted.type) return known;
    if (known !== undefined) throw new TypeError(`metric ${wanted.name} is a ${known.type}, not a ${wanted.type}`);
    if (!NAME.test(wanted.name)) throw new TypeError(`metric name ${JSON.stringify(wanted.name)} is not valid`);
    const family = { ...wanted, children: new Map<string, MetricChild>() };
    this.#families.set(wanted.name, family);
    return family;
  }
}

function sortLabels(labels: Labels): (readonly [string, string])[] {
  const pairs = Object.entries(labels);
  for (const [name] of pairs) {
    if (!LABEL.test(name)) throw new TypeError(`label name ${JSON.stringify(name)} is not valid`);
  }
  return pairs.sort(([left], [right]) => (left < right ? -1 : 1));
}

function keyOf(labels: readonly (readonly [string, string])[]): string {
  return JSON.stringify(labels);
}

function isCounter(metric: Metric): metric is Counter {
  return metric instanceof Counter;
}

function isGauge(metric: Metric): metric is Gauge {
  return metric instanceof Gauge;
}

function isHistogram(metric: Metric): metric is Histogram {
  return metric instanceof Histogram;
}
