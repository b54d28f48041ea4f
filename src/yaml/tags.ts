// What plain YAML words mean: core schema, merge keys, and on request the booleans of YAML 1.1.

import {
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  seqTag,
} from "js-yaml";

/** `yes` and the like while it is not known whether it is a key, which is a text, or a value, which is a boolean. */
class Word {
  readonly text: string;
  readonly value: boolean;

  constructor(text: string, value: boolean) {
    this.text = text;
    this.value = value;
  }
}

// `y` and `n` are left out, as everybody does but the specification: they are common names.
const TRUE = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/;

const booleanWords = defineScalarTag<unknown>("tag:yaml.org,2002:bool", {
  implicit: true,
  implicitFirstChars: [..."tTfFyYnNoO"],
  resolve: (text) => {
    if (TRUE.test(text)) return new Word(text, true);
    return FALSE.test(text) ? new Word(text, false) : NOT_RESOLVED;
  },
  identify: () => false,
});

const mapping = defineMappingTag<Record<string, unknown>>("tag:yaml.org,2002:map", {
  ...mapTag,
  addPair: (carrier, key, value) => mapTag.addPair(carrier, key instanceof Word ? key.text : key, settleWord(value)),
  has: (carrier, key) => mapTag.has(carrier, key instanceof Word ? key.text : key),
});

const sequence = defineSequenceTag<unknown[]>("tag:yaml.org,2002:seq", {
  ...seqTag,
  addItem: (carrier, item, index) => seqTag.addItem(carrier, settleWord(item), index),
});

/** YAML 1.2 with merge keys; timestamps stay texts, as Kubernetes keeps them. */
export const plainSchema = CORE_SCHEMA.withTags(mergeTag);

/** The same with `yes`, `no`, `on`, `off`, as kubectl reads them; as keys they stay what they are. */
export const wordSchema = plainSchema.withTags(booleanWords, mapping, sequence);

/** Turns a {@link Word} that stands by itself into its boolean. */
export function settleWord(value: unknown): unknown {
  return value instanceof Word ? value.value : value;
}
