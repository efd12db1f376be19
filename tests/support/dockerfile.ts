import { DockerfileParser } from 'dockerfile-ast';

/** One instruction as it is written, its continued lines in one string. */
export interface ImageStep {
  readonly keyword: string;
  readonly text: string;
  /** Words of the text, without options (`--from=…`). */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** What stands between one FROM and the next. */
export interface ImageStage {
  readonly name: string;
  readonly base: string;
  readonly steps: readonly ImageStep[];
}

/** The stages of a Dockerfile in their order, the last of which becomes the image. */
export function readStages(text: string): ImageStage[] {
  const stages: { name: string; base: string; steps: ImageStep[] }[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    const step = readStep(keyword, instruction.getTextContent().slice(keyword.length).trim());
    if (step.keyword === 'FROM') {
      const [base = '', , name = ''] = step.words;
      stages.push({ name, base, steps: [] });
    } else stages.at(-1)?.steps.push(step);
  }
  return stages;
}

function readStep(keyword: string, text: string): ImageStep {
  const parts = text.split(/\s+/).filter((word) => word !== '' && word !== '\\');
  const options = parts.filter((part) => part.startsWith('--') && keyword !== 'RUN');
  return {
    keyword,
    text,
    words: parts.filter((part) => !options.includes(part)),
    options: Object.fromEntries(options.map((option) => option.slice(2).split('=') as [string, string])),
  };
}

/** The words of an instruction in its exec form (`["node", "main.js"]`), of which a HEALTHCHECK's stand behind `CMD`. */
export function execWords(step: ImageStep | undefined): string[] {
  const json = /\[.*\]/s.exec(step?.text ?? '');
  if (json === null) throw new Error(`not in exec form: ${step?.keyword} ${step?.text}`);
  return JSON.parse(json[0]) as string[];
}

/** `KEY=value` pairs of all ENV and ARG of a stage; `${KEY}` of one before is put in. */
export function environmentOf(stage: ImageStage): Record<string, string> {
  const known: Record<string, string> = {};
  for (const { keyword, words } of stage.steps) {
    if (keyword !== 'ENV' && keyword !== 'ARG') continue;
    for (const word of words) {
      const [name = '', ...value] = word.split('=');
      known[name] = value.join('=').replaceAll(/\$\{(\w+)\}/g, (_, key: string) => known[key] ?? '');
    }
  }
  return known;
}

/** What is wrong with a Dockerfile by the rules that hadolint has for it, each by hadolint's number; empty where nothing is. */
export function faultsOf(text: string): string[] {
  const stages = readStages(text);
  const steps = stages.flatMap((stage) => stage.steps);
  const runs = steps.filter(({ keyword }) => keyword === 'RUN').map((step) => step.text);
  const last = stages.at(-1)!.steps;
  const count = (keyword: string) => last.filter((step) => step.keyword === keyword).length;
  const faults: [string, boolean][] = [
    ['DL3000 WORKDIR is not absolute', steps.some((s) => s.keyword === 'WORKDIR' && !s.text.startsWith('/'))],
    ['DL3002 the last user is root', !/^(?!root|0\b)\S/.test(lastOf(last, 'USER')?.text ?? 'root')],
    ['DL3004 sudo', runs.some((run) => /\bsudo\b/.test(run))],
    ['DL3007 latest', stages.some(({ base }) => base.endsWith(':latest'))],
    [
      'DL3009 lists of apt are kept',
      runs.some((run) => /apt-get install/.test(run) && !/rm -rf \/var\/lib\/apt\/lists/.test(run)),
    ],
    ['DL3014 apt-get install asks', runs.some((run) => /apt-get install(?!.*-y)/.test(run))],
    [
      'DL3015 recommended packages come too',
      runs.some((run) => /apt-get install(?!.*--no-install-recommends)/.test(run)),
    ],
    ['DL3020 ADD', steps.some(({ keyword }) => keyword === 'ADD')],
    [
      'DL3022 COPY from a stage that is none',
      steps.some(
        (s) =>
          s.keyword === 'COPY' &&
          s.options.from !== undefined &&
          !stages.some(({ name }) => name === s.options.from),
      ),
    ],
    ['DL3024 two stages of one name', new Set(stages.map(({ name }) => name)).size !== stages.length],
    [
      'DL3025 CMD or ENTRYPOINT is not in exec form',
      last.some((s) => /^(CMD|ENTRYPOINT)$/.test(s.keyword) && !s.text.startsWith('[')),
    ],
    ['DL3027 apt', runs.some((run) => /\bapt (install|update)/.test(run))],
    ['DL4000 MAINTAINER', steps.some(({ keyword }) => keyword === 'MAINTAINER')],
    ['DL4003 more than one CMD', count('CMD') !== 1],
    ['DL4004 more than one ENTRYPOINT', count('ENTRYPOINT') !== 1],
    ['DL3055 no HEALTHCHECK', count('HEALTHCHECK') !== 1],
    [
      'secrets in ENV or ARG',
      steps.some(
        (s) => /^(ENV|ARG)$/.test(s.keyword) && /(SECRET|PASSWORD|TOKEN|_KEY|DATABASE_URL)/i.test(s.text),
      ),
    ],
  ];
  return faults.filter(([, isSo]) => isSo).map(([name]) => name);
}

function lastOf(steps: readonly ImageStep[], keyword: string): ImageStep | undefined {
  return steps.findLast((step) => step.keyword === keyword);
}
