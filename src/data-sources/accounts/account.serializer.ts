import { Injectable } from '@nestjs/common';
import { UserSerializer } from '../../users/user.serializer.js';
import type { AccountDto } from '../dto/account.dto.js';
import type { AccountView } from './account-view.js';

/** Key order is contract (chorus-api.md 5.18). */
@Injectable()
export class AccountSerializer {
  constructor(private readonly users: UserSerializer) {}

  full({ account, owner }: AccountView): AccountDto {
    return {
      id: account.originalId ?? account.id,
      db_username: account.dbUsername,
      owner_id: account.ownerId,
      data_source_id: account.dataSourceId,
      owner: this.users.full(owner),
      entity_type: 'data_source_account',
      complete_json: true,
    };
  }
}
