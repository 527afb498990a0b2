/** A file of a multipart form. */
export interface FormFile {
  readonly name: string;
  readonly contents: string | Buffer;
}

type Value = string | number | FormFile;

/** A multipart form with its fields in the order given; a name may come twice. */
export function multipart(fields: readonly (readonly [string, Value])[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields)
    if (typeof value === 'object')
      form.append(name, new Blob([Buffer.from(value.contents)]), value.name);
    else form.append(name, String(value));
  return form;
}

/** The bytes that the reference client's HTTP library sends: no type for a file, names as they are. */
export function clientBytes(fields: readonly (readonly [string, Value])[]): {
  readonly headers: { readonly 'content-type': string };
  readonly body: Buffer;
} {
  const boundary = '8a1b2c3d4e5f60718293a4b5c6d7e8f9';
  const parts = fields.flatMap(([name, value]) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
        `${typeof value === 'object' ? `; filename="${value.name}"` : ''}\r\n\r\n`,
    ),
    Buffer.from(typeof value === 'object' ? value.contents : String(value)),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** A JSON body. */
export function json(body: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
