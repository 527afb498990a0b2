/** Whether something is an address whose login and path can be read: a `%` in them begins `%XX`. */
export function isAddress(text: string): boolean {
  try {
    const { username, password, pathname } = new URL(text);
    return [username, password, pathname].every(
      (part) => typeof decodeURIComponent(part) === 'string',
    );
  } catch {
    return false;
  }
}
