import { createHash } from 'node:crypto';
import { HaloError } from '../../platform/errors.ts';
import { kernelColumns } from '../features/kernel-columns.ts';
import { FEATURES_VERSION } from '../features/features.ts';
import type { Artefact, Series } from '../forecast.ts';
import type { ForecastModel } from './forecast-model.ts';
import { ModelProto } from './onnx-schema.ts';
import { readTrees } from './read-trees.ts';
import { FEATURES_VERSION_KEY, KERNEL_KEY, PROCEDURE_KEY, SPREAD_KEY, writeOnnx } from './write-onnx.ts';

/** A fitted model as an artefact. */
export function artefactOf(series: Series, model: ForecastModel): Artefact {
  const onnx = writeOnnx(model, FEATURES_VERSION);
  return { series, featuresVersion: FEATURES_VERSION, onnx, sha256: sha256Of(onnx) };
}

/**
 * The model of an artefact, after it has been looked at whether it is whole, and made for these features and this series.
 *
 * @throws HaloError `artefact_unusable` where it is damaged; `features_differ` where it is of other features, which another version of
 *   the server can feed
 */
export function modelOf({ series, featuresVersion, onnx, sha256 }: Artefact): ForecastModel {
  if (sha256Of(onnx) !== sha256) throw unusable('its bytes are not those that were stored');
  if (featuresVersion !== FEATURES_VERSION) {
    throw new HaloError(
      'features_differ',
      `The model was trained on features of version ${featuresVersion}, and these are ${FEATURES_VERSION}.`,
    );
  }
  const file = decoded(onnx);
  const metadata = new Map(file.metadata_props.map(({ key, value }) => [key, value]));
  if (metadata.get(FEATURES_VERSION_KEY) !== String(FEATURES_VERSION))
    throw unusable('it names other features');
  const weights: unknown = parsed(metadata.get(KERNEL_KEY));
  const columns = kernelColumns(series.placeKind, series.category).length + 1;
  if (
    !Array.isArray(weights) ||
    weights.length !== columns ||
    !weights.every((weight) => Number.isFinite(weight))
  ) {
    throw unusable(`it lacks the kernel's ${columns} weights`);
  }
  const spread = Number(metadata.get(SPREAD_KEY) ?? NaN);
  if (!(spread >= 0)) throw unusable('it does not say how far it may be off');
  const ensemble = file.graph.node.find(({ op_type: type }) => type === 'TreeEnsembleRegressor');
  return {
    kernel: Float64Array.from(weights as number[]),
    trees: readTrees(ensemble?.attribute ?? []),
    spread,
    procedure: metadata.get(PROCEDURE_KEY) ?? '',
  };
}

/** The parts of an ONNX file that are read back. */
interface OnnxFile {
  readonly metadata_props: readonly { readonly key: string; readonly value: string }[];
  readonly graph: {
    readonly node: readonly {
      readonly op_type: string;
      readonly attribute: Parameters<typeof readTrees>[0];
    }[];
  };
}

function decoded(onnx: Uint8Array): OnnxFile {
  try {
    return ModelProto.decode(onnx) as unknown as OnnxFile;
  } catch (cause) {
    throw unusable('it is no ONNX file', cause);
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null') as unknown;
  } catch {
    return undefined;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unusable(why: string, cause?: unknown): HaloError {
  return new HaloError('artefact_unusable', `The model cannot be used: ${why}.`, { cause });
}
