/** Words about who uses the app without an account, and about one's own data. */
export const ownEn = {
  or: 'or',
  begin: 'Report without an account',
  beginLead: 'Nobody learns who you are. Only this device can then change or take back what you report.',
  noAccount: 'You report without an account.',
  nobody: 'without an account',
  keepTitle: 'Keep your reports',
  keepLead:
    'With an account your reports follow you to other devices, and stay yours when this one is lost or cleared.',
  keep: 'Make an account',
  keepDone: 'Your reports are yours now. Log in with this address on other devices.',
  dataTitle: 'Your data',
  exportLead: 'A file with all that the server keeps of you.',
  export: 'Download my data',
  exporting: 'Fetching…',
  exported: 'The file has been saved among your downloads.',
  erase: 'Erase my data',
  eraseLead:
    'The server forgets you within minutes: your comments, places and earlier versions, and your account if you have one. What you reported stays as told by nobody, without your words and to within about 200 m. Withdraw it first if it should not count.',
  eraseQuestion: 'Erase everything for good? It cannot be undone.',
  eraseUnsent: (n: number) =>
    n === 1
      ? '1 item that has not been sent is deleted, too.'
      : `${n} items that have not been sent are deleted, too.`,
  erasePassword: 'Your password',
  eraseYes: 'Erase for good',
  erasing: 'Erasing…',
  needsNetwork: 'This needs a network.',
  logOutForGood:
    'Without an account nobody can log in here again: what you have reported stays, and cannot be changed any more.',
  logOutForGoodAnyway: 'Leave all the same',
  reportFirst: 'Report now, choose later',
  restored: (from: string, to: string) =>
    `The server has lost what was sent between ${from} and ${to}. If a report of yours is missing here, send it again.`,
};

/** What a dictionary must have of them. */
export type OwnTexts = typeof ownEn;
