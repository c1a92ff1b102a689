package digest

import (
	"context"
	"fmt"
	"time"
)

// judging is a chain being judged.
type judging struct {
	*unit
	files []*file
	at    map[string]int // path to place in files
	chain Chain
}

// judge checks the signatures of a chain's digests, the links between them and
// its log files.
func (u *unit) judge(ctx context.Context, files []*file) error {
	id := files[0].id
	j := &judging{unit: u, files: files, at: map[string]int{}, chain: Chain{
		Account: id.account, Region: id.region, Trail: id.trail, Home: id.home, Backfill: id.backfill, place: u.place.Name + "\n" + u.root,
		From: files[0].end.Add(-time.Hour), To: files[len(files)-1].end, newest: files[len(files)-1].path,
	}}
	if files[0].read {
		j.chain.From = files[0].start
	}
	for i, f := range files {
		j.at[f.path] = i
	}
	j.borrowSignatures()
	for _, f := range files {
		j.judgeAlone(f)
	}
	j.judgeKeys()
	for i := range files {
		if err := j.link(ctx, i); err != nil {
			return err
		}
	}
	for _, f := range files {
		j.count(f)
	}
	u.chains = append(u.chains, j.chain)
	return nil
}

// borrowSignatures takes the signatures that the store does not have from the
// given ones, and else from the next digest: each holds that of the one before.
func (j *judging) borrowSignatures() {
	for _, f := range j.files {
		if !f.metadata && f.read {
			f.signature = j.Signatures[f.Key]
		}
	}
	for _, f := range j.files {
		i, ok := j.at[f.previous]
		if s, has := f.previousSignature(); f.read && ok && has && !j.files[i].metadata && j.files[i].signature == "" {
			j.files[i].signature = s
		}
	}
}

// judgeAlone checks a digest's own signature.
func (j *judging) judgeAlone(f *file) {
	key, known := j.keys.ByFingerprint[f.Fingerprint]
	switch {
	case f.unread != "":
		f.state = notEvaluable
	case f.problem != "":
		f.state = broken
	case f.signature == "" && f.metadata:
		f.state, f.problem, f.detail = broken, NoSignature, "its metadata holds no signature"
	case f.signature == "", !known:
		f.state = notEvaluable
	case !f.signedBy(key.RSA, f.signature):
		f.state, f.problem, f.detail = broken, BadSignature, "the signature does not fit its content, place and time"
	default:
		f.state = valid
	}
}

// judgeKeys tells forged keys from keys that were not given: where all keys of
// the time are known, by the API's word or since a neighbour of that time was
// proven by one, an unknown one is not CloudTrail's.
func (j *judging) judgeKeys() {
	proven := j.proven()
	for _, f := range j.files {
		if _, known := j.keys.ByFingerprint[f.Fingerprint]; !f.read || f.state != notEvaluable || known || f.signature == "" {
			continue
		}
		forged := j.keys.Complete
		for _, k := range proven {
			forged = forged || k.covers(f.end)
		}
		if forged {
			f.state, f.problem, f.detail = broken, UnknownKey, "signed with the key "+f.Fingerprint+", which is none of CloudTrail's in "+j.region
		}
	}
}

// proven are the keys that digests of the region were signed with.
func (j *judging) proven() []PublicKey {
	var out []PublicKey
	seen := map[string]bool{}
	for _, f := range j.unit.files {
		key, ok := j.keys.ByFingerprint[f.Fingerprint]
		if ok && !seen[f.Fingerprint] && f.read && f.problem == "" && f.signedBy(key.RSA, f.signature) {
			seen[f.Fingerprint] = true
			out = append(out, key)
		}
	}
	return out
}

// forged reports whether a digest's content is not CloudTrail's at this place.
func (k Kind) forged() bool { return k == Moved || k == BadSignature || k == UnknownKey }

// link checks the digest at i against the one before it.
func (j *judging) link(ctx context.Context, i int) error {
	f := j.files[i]
	if !f.read || f.problem.forged() {
		return nil // what it says of others proves nothing
	}
	switch at, ok := j.at[f.previous]; {
	case f.PreviousBucket == nil || f.PreviousKey == nil:
		j.begin(i)
	case f.previous == "":
		j.notes = append(j.notes, j.entry(Elsewhere, f.id.trail, f.path, fmt.Sprintf("the chain comes from s3://%s/%s, outside of this source", *f.PreviousBucket, *f.PreviousKey)))
	case !ok:
		return j.absent(ctx, i)
	case at >= i:
		j.fault(f, BrokenLink, "it names itself or a newer digest as the one before it")
	default:
		for o := at + 1; o < i; o++ {
			j.fault(j.files[o], OrphanDigest, "the next digest names an older one as the one before it")
		}
		j.compareLink(j.files[at], f)
	}
	return nil
}

// begin notes a digest that begins a chain: validation was turned on.
func (j *judging) begin(i int) {
	if i == 0 {
		return
	}
	f, before := j.files[i], j.files[i-1]
	j.chain.Gaps++
	j.notes = append(j.notes, j.entry(Gap, f.id.trail, f.path, fmt.Sprintf("no digests from %s to %s: validation or the trail was off", stamp(before.end), stamp(f.start))).lasting(before.end, f.start))
}

// absent handles a digest whose predecessor is not among the chain's.
func (j *judging) absent(ctx context.Context, i int) error {
	f := j.files[i]
	_, end, named := parseName(f.previous)
	if named && !j.within(end) && i == 0 {
		return nil // older than what was asked for
	}
	before := &file{path: f.previous, id: f.id}
	if err := j.load(ctx, before); err != nil {
		return err
	}
	if before.unread == "" { // in another folder: the trail's prefix changed
		j.compareLink(before, f)
		if before.problem != "" {
			j.fault(f, BrokenLink, "the digest before it, "+j.place.uri(f.previous)+": "+before.detail)
		}
		return nil
	}
	if before.unread != gone {
		e := j.entry(Unread, f.id.trail, f.previous, before.unread)
		j.unknown = append(j.unknown, e)
		return nil
	}
	j.missing(i)
	return nil
}

// missing reports the digests between the one at i and what there is before it.
func (j *judging) missing(i int) {
	f := j.files[i]
	from := f.start.Add(-time.Hour)
	n := 1
	if i > 0 {
		from = j.files[i-1].end
		n = max(1, int(f.start.Sub(from).Round(time.Hour)/time.Hour))
	}
	e := j.entry(MissingDigest, f.id.trail, f.previous, "").lasting(from, f.start)
	if e.Count = n; n == 1 {
		e.Detail = "the digest of " + stamp(f.end) + " names it, and it is not there"
	} else {
		e.Detail = fmt.Sprintf("it and about %d before it are not there: the digests from %s to %s", n-1, stamp(from), stamp(f.start))
	}
	if i == 0 {
		e.Detail += "; where a rule of the bucket removes old objects, say from when on all should be there"
	}
	j.chain.Digests.Missing += n
	j.problems = append(j.problems, e)
}

// compareLink compares what a digest says of the one before it with what is
// there. What is wrong with that one alone has been said.
func (j *judging) compareLink(before, f *file) {
	if !before.read || before.problem != "" {
		return
	}
	said, has := f.previousSignature()
	switch {
	case f.PreviousHash != nil && *f.PreviousHash != before.hash:
		j.fault(before, BrokenLink, "its content is not what the next digest has the hash of")
	case has && before.signature != "" && said != before.signature:
		j.fault(before, BrokenLink, "its signature is not the one that the next digest holds")
	case !f.id.backfill && !f.start.Equal(before.end):
		j.fault(f, TimeBreak, fmt.Sprintf("it begins %s, and the digest before it ends %s", f.Start, before.End))
	}
}

// fault marks a digest as broken, unless it is already.
func (j *judging) fault(f *file, k Kind, detail string) {
	if f.problem == "" {
		f.state, f.problem, f.detail = broken, k, detail
	}
}

// count adds a digest and its logs to the chain.
func (j *judging) count(f *file) {
	switch f.state {
	case valid:
		j.chain.Digests.Valid++
	case broken:
		j.chain.Digests.Invalid++
		j.problems = append(j.problems, j.entry(f.problem, f.id.trail, f.path, f.detail).lasting(f.start, f.end))
	default:
		j.chain.Digests.NotEvaluable++
		j.doubt(f)
	}
	for _, l := range f.logs {
		j.countLog(f, l)
	}
	f.logs = nil
}

// doubt says why a digest could not be judged, once a chain for each reason.
func (j *judging) doubt(f *file) {
	e := j.entry(Unread, f.id.trail, f.path, f.unread)
	switch {
	case f.unread != "":
	case f.signature == "":
		e.Kind, e.Detail = SignatureUnset, "its signature is in the metadata of the S3 object, and no newer digest here repeats it"
	case j.Keys == nil:
		e.Kind, e.Detail = NoKey, "no public keys were given"
	default:
		e.Kind, e.Detail = NoKey, "the public key "+f.Fingerprint+" was not given"
	}
	j.unknown = merge(j.unknown, e.lasting(f.start, f.end))
}

// merge adds an entry to those before it where they differ in the object alone.
func merge(list []Entry, e Entry) []Entry {
	for i := range list {
		l := &list[i]
		if l.Kind == e.Kind && l.Trail == e.Trail && l.Detail == e.Detail {
			l.Count += e.Count
			if l.To != nil && e.To != nil && e.To.After(*l.To) {
				l.To = e.To
			}
			return list
		}
	}
	return append(list, e)
}

// countLog adds a log file. What a broken digest says of it proves nothing.
func (j *judging) countLog(f *file, l logResult) {
	if l.path != "" {
		j.named[l.path] = true
	}
	t := &j.chain.Logs
	e := j.entry(l.kind, f.id.trail, "", l.detail).lasting(f.start, f.end)
	e.Object = l.object
	switch {
	case f.state == broken && f.problem != TimeBreak:
		t.NotEvaluable++
	case l.kind.unknown():
		t.NotEvaluable++
		j.unknown = merge(j.unknown, e)
	case l.kind == MissingLog:
		t.Missing++
		j.problems = append(j.problems, e)
	case l.kind != "":
		t.Invalid++
		j.problems = append(j.problems, e)
	case f.state == valid || f.problem == TimeBreak:
		t.Valid++
	default:
		t.NotEvaluable++
	}
}
