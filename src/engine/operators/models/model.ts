/** placeholder replaced below */
export interface Model {
  readonly kind: string;
  readonly name: string;
}
