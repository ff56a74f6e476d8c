export const createMask = (_secrets: readonly string[]) => (text: string): string => text
