"""The ground on which documents are verified, however they are secured.

What a caller expects (``expectations``, ``demands``), what may be used (``environment``, ``checkers``), the record that
is kept (``record``), the rules that hold for proofs and envelopes alike (``terms``, ``contexts``, ``methods``), and the
protocol that both follow (``secured``). Proofs (``vc.integrity``) and envelopes (``vc.envelope``) stand beside each
other on it; the pipeline (``vc.verification``) drives them.
"""
