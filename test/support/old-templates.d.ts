export declare const USED_TEMPLATE: string;
export declare function removeOldTemplates(
  base: string,
  ofThisCheckout: string,
  current: string,
): void;
