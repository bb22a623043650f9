/** The bytes of base64 text; none where it is not base64. */
export function bytesOf(base64: string): ArrayBuffer {
  try {
    return Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)).buffer;
  } catch {
    return new ArrayBuffer(0);
  }
}
