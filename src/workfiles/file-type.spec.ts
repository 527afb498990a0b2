import { describe, expect, it } from '@jest/globals';
import { fileTypeOf } from './file-type.js';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
const BINARY = Buffer.from([0, 1, 2, 3, 255, 254]);

describe('fileTypeOf', () => {
  it.each([
    ['query.sql', 'SELECT 1', 'sql', 'text/plain'],
    ['QUERY.SQL', 'SELECT 1', 'sql', 'text/plain'],
    ['empty.sql', '', 'sql', 'text/plain'],
    ['score.py', 'import csv', 'code', 'text/plain'],
    ['notes.md', '# Notes', 'code', 'text/markdown'],
    ['model.R', 'x <- 1', 'code', 'text/plain'],
    ['settings.xml', '<a/>', 'xml', 'application/xml'],
    ['flow.afm', '<?xml version="1.0"?><Process/>', 'xml', 'application/xml'],
    ['readme.txt', 'Grüße', 'text', 'text/plain'],
    ['data.csv', 'a,b\n1,2\n', 'text', 'text/csv'],
    ['data.json', '{"a":1}', 'text', 'text/plain'],
    ['README', 'no extension', 'text', 'text/plain'],
    ['empty', '', 'text', 'text/plain'],
    ['fake.png', 'just words', 'text', 'text/plain'],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image', 'image/svg+xml'],
    ['drawing.txt', '<?xml version="1.0"?>\n<!-- x --><svg >', 'image', 'image/svg+xml'],
  ])('%s with "%s" is %s', (name, text, fileType, contentType) => {
    expect(fileTypeOf(name, Buffer.from(text))).toEqual({ fileType, contentType });
  });

  it.each([
    ['plot.png', PNG, 'image', 'image/png'],
    ['plot.txt', PNG, 'image', 'image/png'],
    ['plot.py', PNG, 'image', 'image/png'],
    ['photo.jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'image', 'image/jpeg'],
    ['report.pdf', Buffer.from('%PDF-1.7\n%\xe2\xe3', 'latin1'), 'other', 'application/pdf'],
    ['data.zip', Buffer.from('PK\x03\x04\xff\0', 'latin1'), 'other', 'application/zip'],
    ['fake.png', BINARY, 'other', 'application/octet-stream'],
    ['fake.txt', BINARY, 'other', 'application/octet-stream'],
    ['fake.xml', BINARY, 'other', 'application/octet-stream'],
    ['empty.png', Buffer.alloc(0), 'other', 'application/octet-stream'],
    ['empty.bin', Buffer.alloc(0), 'other', 'application/octet-stream'],
    ['latin.txt', Buffer.from('Gr\xfc\xdfe', 'latin1'), 'other', 'application/octet-stream'],
    ['library.py', BINARY, 'code', 'application/octet-stream'],
  ])('%s with bytes is %s', (name, head, fileType, contentType) => {
    expect(fileTypeOf(name, head)).toEqual({ fileType, contentType });
  });

  it('sees in the end that many comments are no drawing', () => {
    // A pattern for it would try every way to join them, which takes for ever.
    expect(fileTypeOf('a.txt', Buffer.from('<!---->'.repeat(150))).fileType).toBe('text');
  });

  it('takes text that is cut within a letter', () => {
    expect(fileTypeOf('a.txt', Buffer.from('ü').subarray(0, 1)).fileType).toBe('text');
  });
});
