import { SetMetadata } from '@nestjs/common';

export const BARE = 'fermata:bare';

/** The answer is sent as it is, without the `{"response": …}` envelope. */
export const Bare = () => SetMetadata(BARE, true);
