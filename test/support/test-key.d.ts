export declare const TEST_KEY: string;
