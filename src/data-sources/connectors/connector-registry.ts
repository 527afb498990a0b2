import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ConnectionTarget, Connector } from './connector.js';
import { PostgresConnector } from './postgres.connector.js';

/** The connector of each kind of data source. Fails at start-up when two claim the same kind. */
@Injectable()
export class ConnectorRegistry implements OnApplicationShutdown {
  private readonly byKind = new Map<string, Connector>();

  constructor(postgres: PostgresConnector) {
    this.add(postgres);
  }

  /** @throws UnsupportedDataSource when nothing here can run operators in that kind (operators.md 3) */
  for(target: ConnectionTarget): Connector {
    const connector = this.byKind.get(target.kind);
    if (connector === undefined) throw new UnsupportedDataSource(target.kind);
    return connector;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...new Set(this.byKind.values())].map((connector) => connector.close()));
  }

  private add(connector: Connector): void {
    for (const kind of connector.kinds) {
      if (this.byKind.has(kind)) throw new Error(`two connectors claim the kind ${kind}`);
      this.byKind.set(kind, connector);
    }
  }
}

export class UnsupportedDataSource extends Error {
  constructor(kind: string) {
    super(`data source kind ${kind} cannot run operators here`);
    this.name = 'UnsupportedDataSource';
  }
}
