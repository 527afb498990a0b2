/** @throws Error naming servers that were left running, when they are ended */
export default function tearDown(): void;
