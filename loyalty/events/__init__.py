"""What can arrive: facts that happened, requests that may be refused, and what the clock brings.

Amounts are whole minor units of the programme's currency; times are aware UTC. Shapes are checked where they enter
(`loyalty/arrivals.py`); below that door a wrong shape is a defect.
"""

from loyalty.events import occasions
from loyalty.events.accounts import (
    IdentityLink,
    IdentityUnlink,
    MemberAbsorbed,
    MemberFreeze,
    MembersMerge,
    MemberUnfreeze,
    WalletFreeze,
    WalletUnfreeze,
)
from loyalty.events.benefits import (
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    CodeUndo,
    CodeVerify,
)
from loyalty.events.clock import ClockChange, ClockClose, ClockDue, ClockMoment, ClockReview
from loyalty.events.members import Behaviour, MemberChanged, MemberEnrolled, MemberRef, ProfileChanged, ProfileCompleted
from loyalty.events.occasions import (
    ClockDraw,
    ClockGathering,
    ClockSeat,
    DrawEnter,
    GatheringAttend,
    GatheringCancel,
    GatheringMoveUp,
    GatheringSignUp,
    PollVote,
)
from loyalty.events.orders import Line, OrderCancelled, OrderClaim, OrderClaimed, OrderPaid, OrderReturned, ReturnLine
from loyalty.events.points import (
    Conversion,
    HoldCapture,
    HoldRelease,
    PointsAdjust,
    PointsConvert,
    PointsReceived,
    PointsRedeem,
    PointsTransfer,
    Portion,
)
from loyalty.events.pools import (
    POOL_CONSEQUENCES,
    POOL_REQUESTS,
    PoolClose,
    PoolConsequence,
    PoolContribute,
    PoolCreate,
    PoolDeparted,
    PoolEntered,
    PoolInvite,
    PoolJoin,
    PoolLeave,
    PoolPaid,
    PoolReleased,
    PoolRepaid,
    PoolRequest,
)
from loyalty.events.privacy import ConsentSet, MemberErase

Profiled = ProfileCompleted | ProfileChanged
Said = MemberChanged | ConsentSet
Fact = OrderPaid | OrderCancelled | OrderReturned | MemberEnrolled | Profiled | Said | Behaviour
Account = (
    OrderClaim
    | MembersMerge
    | IdentityLink
    | IdentityUnlink
    | MemberFreeze
    | MemberUnfreeze
    | WalletFreeze
    | WalletUnfreeze
    | MemberErase
)
OfBenefit = BenefitGrant | BenefitClaim | BenefitReserve | BenefitRelease | BenefitUse | BenefitRevoke | BenefitFulfil
OfPoints = PointsRedeem | HoldCapture | HoldRelease | PointsAdjust | PointsTransfer
TakingPart = GatheringSignUp | GatheringCancel | GatheringAttend | DrawEnter | PollVote
Shown = CodeVerify | CodeUndo
Request = OfPoints | Shown | Account | PoolRequest | OfBenefit | TakingPart
Clock = ClockDue | ClockReview | ClockChange | ClockMoment | ClockClose | ClockSeat | ClockGathering | ClockDraw
Consequence = PointsReceived | PointsConvert | MemberAbsorbed | OrderClaimed | PoolConsequence | GatheringMoveUp
Arrival = Fact | Request | Clock | Consequence

FACTS = (
    OrderPaid,
    OrderCancelled,
    OrderReturned,
    MemberEnrolled,
    ProfileCompleted,
    ProfileChanged,
    MemberChanged,
    ConsentSet,
    Behaviour,
)
FREEZES = (MemberFreeze, MemberUnfreeze, WalletFreeze, WalletUnfreeze)
LINKS = (IdentityLink, IdentityUnlink)
CLOCKS = (ClockDue, ClockReview, ClockChange, ClockMoment, ClockClose, *occasions.CLOCKS)
CONSEQUENCES = (PointsReceived, PointsConvert, MemberAbsorbed, OrderClaimed, *POOL_CONSEQUENCES, GatheringMoveUp)

__all__ = (
    "CLOCKS",
    "CONSEQUENCES",
    "FACTS",
    "FREEZES",
    "LINKS",
    "POOL_REQUESTS",
    "Account",
    "Arrival",
    "Behaviour",
    "BenefitClaim",
    "BenefitFulfil",
    "BenefitGrant",
    "BenefitRelease",
    "BenefitReserve",
    "BenefitRevoke",
    "BenefitUse",
    "Clock",
    "ClockChange",
    "ClockClose",
    "ClockDraw",
    "ClockDue",
    "ClockGathering",
    "ClockMoment",
    "ClockReview",
    "ClockSeat",
    "CodeUndo",
    "CodeVerify",
    "ConsentSet",
    "Consequence",
    "Conversion",
    "DrawEnter",
    "Fact",
    "GatheringAttend",
    "GatheringCancel",
    "GatheringMoveUp",
    "GatheringSignUp",
    "HoldCapture",
    "HoldRelease",
    "IdentityLink",
    "IdentityUnlink",
    "Line",
    "MemberAbsorbed",
    "MemberChanged",
    "MemberEnrolled",
    "MemberErase",
    "MemberFreeze",
    "MemberRef",
    "MemberUnfreeze",
    "MembersMerge",
    "OfBenefit",
    "OfPoints",
    "OrderCancelled",
    "OrderClaim",
    "OrderClaimed",
    "OrderPaid",
    "OrderReturned",
    "PointsAdjust",
    "PointsConvert",
    "PointsReceived",
    "PointsRedeem",
    "PointsTransfer",
    "PollVote",
    "PoolClose",
    "PoolContribute",
    "PoolCreate",
    "PoolDeparted",
    "PoolEntered",
    "PoolInvite",
    "PoolJoin",
    "PoolLeave",
    "PoolPaid",
    "PoolReleased",
    "PoolRepaid",
    "Portion",
    "ProfileChanged",
    "ProfileCompleted",
    "Profiled",
    "Request",
    "ReturnLine",
    "TakingPart",
    "WalletFreeze",
    "WalletUnfreeze",
)
