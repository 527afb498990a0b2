import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// A folder imports only from those before it (house style 1). tags stand first because every entity shows its tags;
// notes stand before workspaces and workfiles because these show their latest ones.
const order = [
  'common',
  'config',
  'queue',
  'access',
  'openapi',
  'server-info',
  'tags',
  'users',
  'auth',
  'data-sources',
  'notes',
  'workspaces',
  'datasets',
  'milestones',
  'runs',
  'workfiles',
  'engine',
  'messages',
  'demo',
  'database',
];
const zones = order.slice(0, -1).map((folder, i) => ({
  target: `./src/${folder}`,
  from: order.slice(i + 1).map((later) => `./src/${later}`),
  message: `${folder} comes before it in the order of folders (docs/architecture.md)`,
}));

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', '.data', 'test-artifacts', 'client/schema.ts'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-restricted-imports': [
        'error',
        {
          name: 'class-validator',
          importNames: ['Length', 'MaxLength', 'MinLength', 'length', 'maxLength', 'minLength'],
          message:
            'It counts otherwise than PostgreSQL: take those of src/common/http/text-length.ts.',
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message: 'No barrels: import the file that defines the thing.',
        },
        {
          selector: 'ExportNamedDeclaration[source]',
          message: 'No barrels: import the file that defines the thing.',
        },
      ],
      // Nest modules and TypeORM entities are classes without members or with decorated properties only.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A number or boolean in a template is plain; the rule's default asks for String() around each.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // DTO classes describe the wire to Swagger and class-validator; serializers write them as literals (D12).
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    // Specs state facts about values that they just made; the compiler cannot know them.
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
);
