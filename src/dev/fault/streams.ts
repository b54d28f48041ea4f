// Bodies that are held back, late, or break off.

const encoder = new TextEncoder();

/** A body with a gate in front of its reader. */
export interface Gate {
  readonly stream: ReadableStream<Uint8Array>;
  /** Nothing comes through from now on. */
  stall(): void;
  /** What was held back comes, and all that follows. */
  resume(): void;
  /** The reader sees an orderly end. */
  cut(): void;
}

/** Puts a gate before a body. @param ended told once, when the body is over for whatever reason */
export function gated(body: ReadableStream<Uint8Array>, ended: () => void): Gate {
  const reader = body.getReader();
  const held: Uint8Array[] = [];
  let [isOpen, isOver, isRead] = [true, false, false];
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  const finish = () => {
    if (isOver) return;
    isOver = true;
    controller?.close();
    ended();
  };
  const send = (chunk: Uint8Array) => {
    if (isOver) return;
    if (isOpen) controller?.enqueue(chunk);
    else held.push(chunk);
  };
  const pump = async () => {
    for (let next = await reader.read(); !next.done && !isOver; next = await reader.read()) send(next.value);
    isRead = true;
    if (isOpen) finish();
  };
  const stream = new ReadableStream<Uint8Array>({
    start: (started) => {
      controller = started;
      pump().catch(finish);
    },
    cancel: async (reason) => {
      isOver = true;
      ended();
      await reader.cancel(reason);
    },
  });
  return {
    stream,
    stall: () => {
      isOpen = false;
    },
    resume: () => {
      isOpen = true;
      for (const chunk of held.splice(0)) send(chunk);
      if (isRead) finish();
    },
    cut: () => {
      finish();
      void reader.cancel().catch(() => undefined); // the source may be over already
    },
  };
}

/** The first half of each part, and the end after the first one. */
export function truncated(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const transform = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.slice(0, Math.ceil(chunk.length / 2)));
      controller.terminate();
    },
  });
  return body.pipeThrough(transform);
}

/** Every part late. @param delay milliseconds */
export function slowed(body: ReadableStream<Uint8Array>, delay: number): ReadableStream<Uint8Array> {
  const transform = new TransformStream<Uint8Array, Uint8Array>({
    transform: async (chunk, controller) => {
      await new Promise((resolve) => setTimeout(resolve, delay));
      controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(transform);
}

/** Whole lines rewritten as text: every answer of the embedded API ends with one. */
export function throughText(
  body: ReadableStream<Uint8Array>,
  rewrite: (text: string) => string,
): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  let carried = "";
  const transform = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      carried += decoder.decode(chunk, { stream: true });
      const end = carried.lastIndexOf("\n") + 1;
      if (end > 0) controller.enqueue(encoder.encode(rewrite(carried.slice(0, end))));
      carried = carried.slice(end);
    },
    flush: (controller) => controller.enqueue(encoder.encode(rewrite(carried))),
  });
  return body.pipeThrough(transform);
}

/** A value as the API writes it. */
export function textOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
