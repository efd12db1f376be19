export function versionsBelow(root: string): Record<string, string>;
export function raiseBelow(root: string, version: string): void;
