/**
 * PHP: how many bytes a string has.
 * Node: Buffer.byteLength, since a string's own length counts UTF-16 units: '你好'.length is 2, strlen('你好') is 6.
 * Differs: what is bytes already, such as a frame of buildMsg's, tells its own length.
 */
export function strlen(string: string | { readonly length: number }): number {
  return typeof string === 'string' ? Buffer.byteLength(string) : string.length;
}
