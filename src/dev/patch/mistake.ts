// What is wrong with a strategic merge patch, while it is being applied.

/** Ends the application of a patch; never leaves `strategicPatch`. */
export class Mistake extends TypeError {}
