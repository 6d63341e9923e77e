/** One expression of both languages. Korean joins words, so its stems match anywhere. */
function either(korean: string, english: string): RegExp {
  return new RegExp(`${korean}|\\b(?:${english})\\b`, "u");
}

/** What the rules of complexity.ts look for, in lower case with single spaces. */
export const words = {
  breadth: either(
    "모든|전체|모두|전부|각각|전반|서버별|서비스별|유형별|단계별",
    "all|every|each|entire|whole|overall|across|everything|full|per service|per server",
  ),
  comparison: either(
    "비교|대비|견주|상관관계",
    "compar\\w*|versus|vs|correlat\\w*|differences? between|relative to",
  ),
  timeRange: either(
    "지난 ?(?:한 ?)?(?:주|달|분기|해)|지난달|지난주|이번 ?(?:달|분기)|최근|작년|올해|내년|다음 ?(?:주|달|분기)|\\d+ ?(?:일|주|개월|년) ?(?:간|동안)|동안|주간|월간|분기",
    "(?:last|past|next|previous|this) (?:\\d+ |two |three |six |few )?(?:days?|weeks?|months?|quarter|years?)|since|over time|weekly|monthly|quarterly",
  ),
  /** Work on data rather than a look at it. */
  analysis: either(
    "분석|진단|원인|최적화|예측|추천|제안|추이|추세|패턴|대책|방안|계획|평가|점검|개선|분류",
    "analy[sz]\\w*|diagnos\\w*|investigat\\w*|root cause|optimi[sz]\\w*|forecast\\w*|predict\\w*|recommend\\w*|suggest\\w*|propose|trends?|patterns?|plan|evaluat\\w*|assess|review|break ?down|summari[sz]e|group",
  ),
  report: either("보고서|리포트|레포트", "reports?|write-?up|postmortem"),
  /** With these a report is only looked for. */
  lookUp: either("어디|언제|누가|누구|링크|저장돼", "where|when|who|link"),
  hypothesis: either("만약|가정하", "what if|what would happen|assum(?:e|ing)|suppose"),
  askKo:
    /(?:알려|보여|찾아|만들어|작성해|써|분석하고|분석해|비교하고|비교해|예측하고|예측해|추천해|제안해|진단하고|진단해|정리해|요약해|계산해|평가해|세워|수립해|분류하고|확인해)/gu,
  askEn:
    /\b(?:show|list|find|write|analy[sz]e|compare|forecast|predict|recommend|suggest|propose|diagnose|summari[sz]e|group|correlate|explain|plan|review|prepare|calculate|evaluate|investigate)\b/gu,
};
