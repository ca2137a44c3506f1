export function csvRecords(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<{ number: number; values: (string | null)[] }>;
