"""The GraphQL documents that the stories send."""

ERRORS = "userErrors { code message field policy }"
RECEIPT = """receipt { id state code message late notDone refusedWords refusedBy { path title }
  points { wallet pending available held owed } tiers { ladder tierFrom tierTo title }
  entries { id kind points amount balanceAfter reason order { number shop } policy { path title } }
  entitlements { id state code benefit { key title } } }"""
ANSWER = f"replayed {ERRORS} {RECEIPT} member {{ id }}"

ORDER = f"mutation ($input: OrderRecordInput!) {{ orderRecord(input: $input) {{ {ANSWER} }} }}"
RETURN = f"mutation ($input: OrderReturnInput!) {{ orderReturn(input: $input) {{ {ANSWER} }} }}"
CANCEL = f"mutation ($input: OrderCancelInput!) {{ orderCancel(input: $input) {{ {ANSWER} }} }}"
ENROL = f"mutation ($input: MemberEnrolInput!) {{ memberEnrol(input: $input) {{ {ANSWER} }} }}"
PROFILE = f"mutation ($input: ProfileCompleteInput!) {{ profileComplete(input: $input) {{ {ANSWER} }} }}"
EVENT = f"mutation ($input: EventRecordInput!) {{ eventRecord(input: $input) {{ {ANSWER} }} }}"
EVENTS = (
    f"mutation ($input: EventsRecordInput!) {{ eventsRecord(input: $input) {{ {ERRORS} results {{ {ANSWER} }} }} }}"
)
REDEEM = f"mutation ($input: PointsRedeemInput!) {{ pointsRedeem(input: $input) {{ hold {ANSWER} }} }}"
CAPTURE = f"mutation ($input: HoldInput!) {{ holdCapture(input: $input) {{ {ANSWER} }} }}"
RELEASE = f"mutation ($input: HoldInput!) {{ holdRelease(input: $input) {{ {ANSWER} }} }}"
ADJUST = f"mutation ($input: PointsAdjustInput!) {{ pointsAdjust(input: $input) {{ {ANSWER} }} }}"
TRANSFER = f"mutation ($input: PointsTransferInput!) {{ pointsTransfer(input: $input) {{ {ANSWER} }} }}"
VERIFY = f"""mutation ($input: CodeVerifyInput!) {{
  codeVerify(input: $input) {{ valid used usesLeft replayed {ERRORS} benefit {{ key title }} }} }}"""

MEMBER_FIELDS = """id status frozen { at reason } joinedAt locale profileComplete identities { kind since }
  mergedFrom { id at reason }
  points { key title frozen { at reason } balance available pending held owed expiring(days: 400) { points on }
    entries(first: 50) { pageInfo { hasNextPage endCursor } nodes {
      id kind points amount balanceAfter at reason expiresOn reverses explanation
      order { number shop } policy { path title } } } }
  wallets { key balance pending }
  tier { key title rank }
  standings { ladder { key title } tier { key title } since
    progress { next { key title } missing { name label has needs words anyOf } reviewAt atRisk fallsTo { key } }
    history(first: 10) { nodes { tierFrom tierTo at reason words } } }
  entitlements(first: 50) { nodes {
    id state code expiresAt points value { amount } money { amount } usesLeft parts { part used left }
    benefit { key title } } }
  benefits { benefit { key title } availability { state reason
    prices { wallet points value { amount } money { amount } upTo { amount } minimumBasket { amount } } } }"""
ME = f"query Me {{ me {{ {MEMBER_FIELDS} }} }}"
SEEN = MEMBER_FIELDS.replace("explanation", "")
MEMBER = f"query Member($by: MemberRef!) {{ member(by: $by) {{ {SEEN} }} }}"
PREVIEW = f"""query ($input: OrderPreviewInput!) {{ orderPreview(input: $input) {{
  earns points {{ wallet pending available }} tiers {{ ladder tierFrom tierTo title }} benefits {{ key }}
  lines {{ policy {{ path title }} points fired words }} {ERRORS} }} }}"""
CLAIM = f"mutation ($input: OrderClaimInput!) {{ orderClaim(input: $input) {{ {ANSWER} }} }}"
MERGE = f"mutation ($input: MembersMergeInput!) {{ membersMerge(input: $input) {{ {ANSWER} }} }}"
LINK = f"mutation ($input: IdentityLinkInput!) {{ identityLink(input: $input) {{ {ANSWER} }} }}"
UNLINK = f"mutation ($input: IdentityUnlinkInput!) {{ identityUnlink(input: $input) {{ {ANSWER} }} }}"
AHEAD = """query { me { standings { ladder { key } tier { key } progress {
  next { key } ways { words missing { name } } by ahead atRisk fallsTo { key } fallsAt
  keepingWays { words } warning advice } } } }"""
LADDER_PREVIEW = """query ($path: String!, $source: String!) { ladderPreview(path: $path, source: $source) {
  members lookedAt complete moves { tierFrom tierTo members } issues { code pointer } } }"""
PAGE = """query { me { id points { balance } tier { key }
  standings { ladder { key } tier { key } progress { next { key } missing { words } ahead warning advice } }
  entitlements(first: 100) { nodes { id state benefit { title } } }
  benefits { benefit { key } availability { state reason } } } }"""
FREEZE = f"mutation ($input: MemberFreezeInput!) {{ memberFreeze(input: $input) {{ {ANSWER} }} }}"
UNFREEZE = f"mutation ($input: MemberUnfreezeInput!) {{ memberUnfreeze(input: $input) {{ {ANSWER} }} }}"
WALLET_FREEZE = f"mutation ($input: WalletFreezeInput!) {{ walletFreeze(input: $input) {{ {ANSWER} }} }}"
WALLET_UNFREEZE = f"mutation ($input: WalletUnfreezeInput!) {{ walletUnfreeze(input: $input) {{ {ANSWER} }} }}"
PARTNER = """query { partnerView { key title shops consents
  benefits { key title quota left perMember issued used expired usageRate } } }"""
REDEEM_CODE = f"""mutation ($input: PartnerCodeRedeemInput!) {{ partnerCodeRedeem(input: $input) {{
  redeemed replayed {ERRORS}
  redemption {{ id benefit {{ key }} redeemedAt cancelUntil takenBack usesLeft memberId }} }} }}"""
UNDO_CODE = f"""mutation ($input: PartnerRedemptionCancelInput!) {{ partnerRedemptionCancel(input: $input) {{
  replayed {ERRORS} redemption {{ id takenBack usesLeft }} }} }}"""
PURCHASE = f"""mutation ($input: PartnerPurchaseRecordInput!) {{ partnerPurchaseRecord(input: $input) {{
  replayed {ERRORS} purchase {{ number shop state cancelUntil memberId }} }} }}"""
CALL_OFF = f"""mutation ($input: PartnerPurchaseCancelInput!) {{ partnerPurchaseCancel(input: $input) {{
  replayed {ERRORS} purchase {{ number state memberId }} }} }}"""
ELIGIBLE = """query ($shown: PartnerShown!, $benefit: String) { partnerEligibility(shown: $shown, benefit: $benefit) {
  entitled until usesLeft memberId benefit { key } } }"""
USAGE = """query ($first: Date!, $last: Date!) { partnerUsage(first: $first, last: $last) {
  day issued used takenBack purchases earned burnt } }"""
PASS = "query ($partner: String!) { me { partnerPass(partner: $partner) } }"
EVENT_BY_ID = f"query ($id: ID!) {{ event(id: $id) {{ id kind occurredAt receivedAt {RECEIPT} }} }}"
