/** Whether `If-None-Match` names an answer's entity tag. As with Electric the quotes may be missing, and `W/` is another. */
export function isKnownTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((each) => opaque(each) === opaque(etag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^"|"$/g, '');
}
