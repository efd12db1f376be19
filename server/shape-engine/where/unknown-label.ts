/**
 * A row holds a label that its enumeration did not have when the condition was checked: the type has changed, and
 * with it perhaps the order of its labels.
 */
export class UnknownLabel extends Error {}
