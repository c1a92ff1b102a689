package orgsim

// vendorAccount is a third party's account: no part of the organisation.
const vendorAccount = "990011223344"

// vendorCaller is the third party that assumes a [Vendor] role, as the role's
// account sees it: an account and a unique id, without a name.
func vendorCaller(s *session) *session {
	r := rng(textSeed(vendorAccount))
	id := uniqueID("AROA", &r) + ":" + s.name
	return &session{user: id, arn: "arn:aws:iam::" + vendorAccount + ":root", id: id, address: s.address, agent: s.agent,
		identity: `{"type":"AWSAccount","principalId":"` + id + `","accountId":"` + vendorAccount + `"}`}
}
