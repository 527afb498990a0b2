import type { Locator, Page } from 'playwright-core';

export interface Execution {
  /** Of the answer, as the network saw it. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The status that the page shows. */
  readonly shownStatus: string;
  /** The body that the page shows. */
  readonly shownBody: string;
}

/** Swagger UI, as somebody uses it who has never seen it before. */
export class SwaggerPage {
  private constructor(private readonly page: Page) {}

  static async open(page: Page, url: string): Promise<SwaggerPage> {
    await page.goto(`${url}/docs`);
    await page.locator('.opblock-tag-section').first().waitFor();
    return new SwaggerPage(page);
  }

  tags(): Promise<string[]> {
    return this.page.locator('.opblock-tag').evaluateAll((tags) =>
      // Runs in the page.
      tags.map((tag) => (tag as unknown as { dataset: { tag: string } }).dataset.tag),
    );
  }

  /** *Try it out*: opens a route, fills in its parameters and fields, executes it. @returns what came back */
  async execute(
    tag: string,
    operationId: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Execution> {
    const route = await this.opened(tag, operationId);
    const tryOut = route.getByRole('button', { name: 'Try it out' });
    if (await tryOut.isVisible()) await tryOut.click();
    for (const [name, value] of Object.entries(fields)) {
      // Parameters carry their name in an attribute, fields of a form in their first cell.
      const row = route
        .locator(`tr[data-param-name="${name}"], tr[data-property-name="${name}"]`)
        .or(route.locator('tr', { has: this.page.locator('td', { hasText: name }) }));
      await row.locator('input').first().fill(value);
    }
    const answered = this.page.waitForResponse((response) => response.url().includes('/api/'));
    await route.getByRole('button', { name: 'Execute' }).click();
    const answer = await answered;
    const shown = route.locator('.live-responses-table');
    await shown.waitFor();
    return {
      status: answer.status(),
      headers: answer.headers(),
      shownStatus: (await shown.locator('.response-col_status').nth(1).innerText()).trim(),
      shownBody: await shown.locator('.response-col_description').nth(1).innerText(),
    };
  }

  private async opened(tag: string, operationId: string): Promise<Locator> {
    const section = this.page.locator(`.opblock-tag[data-tag="${tag}"]`);
    if ((await section.getAttribute('data-is-open')) === 'false') await section.click();
    const route = this.page.locator(`#operations-${tag}-${operationId}`);
    await route.scrollIntoViewIfNeeded();
    if (!(await route.locator('.opblock-body').isVisible()))
      await route.locator('.opblock-summary-control').click();
    return route;
  }
}
