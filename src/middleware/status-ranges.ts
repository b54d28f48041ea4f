// Lists of status codes as Traefik's middlewares take them: "500", "500-599", or several in one text.

import * as z from "zod";
import { statusRange } from "../schema/primitives.ts";

/** `["404", "500-599"]` or `["404,500-599"]`; becomes ranges, both ends included. */
export const statusRangesSchema = z.preprocess(
  (value) => Array.isArray(value) ? value.flatMap(splitText) : value,
  z.array(statusRange),
);

function splitText(item: unknown): unknown {
  return typeof item === "string" && item.includes(",") ? item.split(",") : item;
}
