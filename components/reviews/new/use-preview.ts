"use client";

import { useState } from "react";
import { useFetched } from "@/components/ui/form/use-fetched";
import type { CampaignPreview } from "@/lib/reviews/views/draft-types";

type Asked = { readonly scope: string; readonly reviewers: readonly string[] };

/** Whom the campaign would ask as it stands in the form; the last answer stays while a newer one is on its way. */
export function usePreview(first: CampaignPreview, { scope, reviewers }: Asked): { preview: CampaignPreview; isAsking: boolean } {
  const query = new URLSearchParams({ scope, reviewers: reviewers.join(",") }).toString();
  const [firstQuery] = useState(query);
  const isFirst = query === firstQuery;
  const { value, isOld, failed } = useFetched<CampaignPreview>(isFirst ? null : `/api/reviews/preview?${query}`, { restMs: 250 });
  return { preview: isFirst ? first : (value ?? first), isAsking: !isFirst && isOld && !failed };
}
