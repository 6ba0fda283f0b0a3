/** The store has no sign-in: every visitor acts as this member. */
export const MEMBER = { id: 1, name: 'Felix Wood' }
