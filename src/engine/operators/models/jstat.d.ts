declare module 'jstat' {
  const jStat: {
    /** Complementary error function. */
    erfc(x: number): number;
    /** Regularised incomplete beta function. */
    ibeta(x: number, a: number, b: number): number;
  };
  export default jStat;
}
