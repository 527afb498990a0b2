export type ImageStyle = 'original' | 'icon';

/**
 * The documented address of an uploaded picture (chorus-api.md 5.1): the owner's id as nine digits in groups of three,
 * the upload's epoch seconds behind the question mark.
 */
export function imageUrl(
  owner: 'users' | 'workspaces',
  id: number,
  style: ImageStyle,
  image: { readonly fileName: string; readonly uploadedAt: Date },
): string {
  const path = idPath(id);
  const stamp = Math.floor(image.uploadedAt.getTime() / 1000);
  return `/paperclip/${owner}/images/${path}/${style}/${encodeURIComponent(image.fileName)}?${stamp}`;
}

/** 1000006 → `001/000/006` */
function idPath(id: number): string {
  return String(id)
    .padStart(9, '0')
    .replace(/(\d{3})(?=\d)/g, '$1/');
}
