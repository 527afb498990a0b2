/**
 * `Content-Disposition` of a download (RFC 6266). A name of plain letters is written as it is; any other one is given
 * once so that every client can use it, and once exactly (RFC 8187).
 */
export function attachment(fileName: string): string {
  if (/^[\w .()-]+$/.test(fileName)) return `attachment; filename="${fileName}"`;
  const plain = fileName.replace(/[^\w .()-]/g, '_');
  const exact = encodeURIComponent(Buffer.from(fileName).toString()).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
