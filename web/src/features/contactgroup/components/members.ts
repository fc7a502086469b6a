/** The ids with this one put in or taken out. */
export const toggled = (ids: string[], id: string) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]);

/** Whether two lists name the same members; their order does not count. */
export const sameMembers = (a: string[], b: string[]) => a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
