import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';

/** A symmetric matrix as rows. */
export type Symmetric = readonly (readonly number[])[];

// Below it a column is, to the precision of doubles, a combination of those before it.
const TOLERANCE = 1e-10;

/** Fills a symmetric matrix from its upper triangle, row by row. */
export function symmetric(size: number, upper: readonly number[]): number[][] {
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  let at = 0;
  for (let i = 0; i < size; i += 1)
    for (let j = i; j < size; j += 1) {
      const value = upper[at] ?? 0;
      at += 1;
      set(matrix, i, j, value);
      set(matrix, j, i, value);
    }
  return matrix;
}

/** Indexes of the columns that are no combination of columns before them (Cholesky without the others). */
export function independentColumns(matrix: Symmetric): number[] {
  const kept: number[] = [];
  const factors: number[][] = [];
  for (const [j, row] of matrix.entries()) {
    const own = row[j] ?? 0;
    const factor: number[] = [];
    for (const [i, before] of kept.entries()) {
      const earlier = factors[i] ?? [];
      let dot = row[before] ?? 0;
      for (let k = 0; k < i; k += 1) dot -= (factor[k] ?? 0) * (earlier[k] ?? 0);
      factor.push(dot / (earlier[i] ?? 1));
    }
    const rest = own - factor.reduce((sum, value) => sum + value * value, 0);
    if (!(own > 0) || rest <= TOLERANCE * own) continue;
    kept.push(j);
    factors.push([...factor, Math.sqrt(rest)]);
  }
  return kept;
}

/** Inverse of a positive definite matrix, scaled to a unit diagonal on the way. Null when it is singular. */
export function invert(matrix: Symmetric): number[][] | null {
  const scale = matrix.map((row, i) => 1 / Math.sqrt(row[i] ?? 0));
  if (scale.some((value) => !Number.isFinite(value))) return null;
  const scaled = new Matrix(
    matrix.map((row, i) => row.map((value, j) => value * (scale[i] ?? 0) * (scale[j] ?? 0))),
  );
  try {
    return inverse(scaled)
      .to2DArray()
      .map((row, i) => row.map((value, j) => value * (scale[i] ?? 0) * (scale[j] ?? 0)));
  } catch {
    return null;
  }
}

/** Of a symmetric matrix, the greatest eigenvalue first; vectors have length 1. */
export function eigenvectors(
  matrix: Symmetric,
): { readonly value: number; readonly vector: readonly number[] }[] {
  const found = new EigenvalueDecomposition(new Matrix(matrix.map((row) => [...row])), {
    assumeSymmetric: true,
  });
  const vectors = found.eigenvectorMatrix.transpose().to2DArray();
  return found.realEigenvalues
    .map((value, i) => ({ value, vector: vectors[i] ?? [] }))
    .sort((a, b) => b.value - a.value);
}

export function multiply(matrix: Symmetric, vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Rows and columns by index. */
export function submatrix(matrix: Symmetric, indexes: readonly number[]): number[][] {
  return indexes.map((i) => indexes.map((j) => matrix[i]?.[j] ?? 0));
}

function set(matrix: number[][], i: number, j: number, value: number): void {
  const row = matrix[i];
  if (row !== undefined) row[j] = value;
}
