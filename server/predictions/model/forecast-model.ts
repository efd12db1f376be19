import { kernelRate } from '../kernel/fit-kernel.ts';
import { TREE_INPUTS } from '../training/learning-rows.ts';
import { treeValue } from '../training/tree.ts';
import type { Tree } from '../training/tree.ts';

/** A model as it was fitted: weights of the kernel's columns, and trees that correct what it expects. */
export interface ForecastModel {
  readonly kernel: Float64Array;
  readonly trees: readonly Tree[];
  /** Variance of places' true rates over what is expected of them, as the test of its twin saw it. */
  readonly spread: number;
  /** In which way it was learnt (`PROCEDURE`); empty where its file does not say. */
  readonly procedure: string;
}

/** Writes what trees see of a row (its kernel columns and features begin at `offset`) into `into` from `at`; returns its margin. */
export function treeInputs(
  kernel: Float64Array,
  values: Float32Array,
  offset: number,
  into: Float32Array,
  at: number,
): number {
  const margin = Math.fround(Math.log(kernelRate(kernel, values, offset)));
  into[at] = margin;
  const from = offset + kernel.length;
  for (let n = 1; n < TREE_INPUTS; n++) into[at + n] = values[from + n - 1]!;
  return margin;
}

/** What a model expects of a row that trees see, which begins at `offset` with its margin. */
export function expectedOf(
  { trees }: Pick<ForecastModel, 'trees'>,
  inputs: Float32Array,
  offset: number,
): number {
  let margin = inputs[offset]!;
  for (const tree of trees) margin += treeValue(tree, inputs, offset);
  return Math.exp(margin);
}
