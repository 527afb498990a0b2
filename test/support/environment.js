// Jest's environment for Node, and a way out of it: see built-product.ts.
import { TestEnvironment } from 'jest-environment-node';

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.importNatively = (path) => import(path);
  }
}
