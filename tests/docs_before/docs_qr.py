# What docs/qr.md takes for granted: a presentation.
import did
import vc

_key = did.generate("P-256")
presentation = vc.present([], _key, challenge="n-0S6_WzA2Mj", domain="hotel.example")
