/** Words of the watched places and their notices. */
export const watchesEn = {
  title: 'Watched places',
  tab: 'Places',
  lead: 'Get a notice when you come to one of these places and something has happened there, or more than usual is forecast. Works without a network.',
  none: 'No watched places yet',
  noneLead: 'Add your home, your work, or where you patrol.',
  add: 'Add a place',
  edit: 'Edit',
  remove: 'Remove',
  removeSure: 'Remove it?',
  addTitle: 'Watch a place',
  editTitle: 'Watched place',
  name: 'Name',
  nameHint: 'Only you see it.',
  where: 'Where?',
  hereButton: 'Here',
  pickHint: 'Tap the map at the middle of the place.',
  radius: 'How large?',
  threshold: 'When is it worth a notice?',
  thresholds: { low: 'Anything', middle: 'Serious', high: 'Very serious' },
  thresholdHint:
    'Compared with two things. What is reported within the place by now: how serious, how sure, how recent. And what is forecast for these hours: from the average of the county on, above it, or high.',
  save: 'Save',
  needName: 'Write a name.',
  needPlace: 'Point at a place.',
  within: (radius: string) => `Within ${radius}`,
  waiting: 'Waiting to be sent',
  forecasts: {
    noSpots: (county: string) =>
      `No single spots are forecast in ${county} just now, only whole municipalities if anything; as long as that is so you get no notice of a forecast.`,
    waiting: (county: string) =>
      `What is forecast in ${county} has not come to this device yet; until then you get no notice of it.`,
    beyond: (county: string) =>
      `What is forecast in ${county} is not kept on this device, and you get no notice of it: your places lie in too many counties.`,
  },
  rejected: (reason: string) => `The server did not accept it: ${reason}`,
  drop: 'Drop it',
  noticesOn: 'Notices are on while the app is open',
  noticesOff: 'Notices are off',
  noticesPaused: 'Notices wait for your position',
  turnOn: 'Turn on notices',
  turnOff: 'Turn off',
  noticesHint: 'Your position is looked at on this device alone and is never sent.',
  denied: 'The position is blocked for this app. Allow it in the browser to get notices.',
  unavailable: 'Your position cannot be found just now.',
  failed: (code: string) => `Notices do not work just now (${code}).`,
  notice: (name: string) => `You are at ${name}`,
  noticeBody: (n: number) =>
    n === 1 ? '1 incident was reported there lately.' : `${n} incidents were reported there lately.`,
  noticeStale: 'Without news from the server for over an hour.',
  dismiss: 'Dismiss',
  limit: 'You watch 50 places; that is the most. Remove one first.',
};

/** What a dictionary must have of them. */
export type WatchTexts = typeof watchesEn;
