package ingest

// maxWraps bounds wrappers inside wrappers.
const maxWraps = 4

// unwrap reads the object at start, which is no record itself, again: as what
// carries records in one of its members. Where it carries none it is rejected.
//
//	Records, Events, events, logEvents   lists: S3 objects, lookup-events, CloudWatch Logs
//	detail, jsonPayload                  objects: EventBridge, Stackdriver
//	CloudTrailEvent, message             JSON in a string: lookup-events, CloudWatch Logs
func (d *decoder) unwrap(start, depth int) bool {
	end := d.i
	raw := d.src[start:end]
	d.i = start + 1
	found, outer := false, d.wrapper
	d.wrapper = raw
	for d.wraps < maxWraps && !found && d.space() != '}' {
		key, ok := d.text()
		if !ok || !d.expect(':', "a colon is missing") {
			return false
		}
		d.wraps++
		found, ok = d.carrier(key, d.space(), depth)
		d.wraps--
		if !ok {
			return false
		}
		if d.space() == ',' {
			d.i++
			d.space()
		}
	}
	d.wrapper = outer
	if !found {
		d.rejectForeign(whyForeign(raw), raw)
	}
	d.i = end
	return true
}

// carrier reads the records that a member carries, if it does.
func (d *decoder) carrier(key string, c byte, depth int) (found, ok bool) {
	switch key {
	case "Records", "Events", "events", "logEvents":
		if c == '[' {
			return true, d.elements(depth + 1)
		}
	case "detail", "jsonPayload":
		if c == '{' {
			return true, d.record(depth + 1)
		}
	case "CloudTrailEvent", "message":
		if c == '"' {
			return d.nested(depth)
		}
	}
	return false, d.skip(depth + 1)
}

// nested reads the string at i as the text of a record. Broken JSON in it is
// no more than a record rejected: the text around it is sound.
func (d *decoder) nested(depth int) (found, ok bool) {
	s, ok := d.text()
	if !ok || len(s) == 0 || s[0] != '{' {
		return false, ok
	}
	outer, events, rejected := d.scanner, len(d.events), len(d.rejected)
	index, foreign := d.index, d.foreign
	d.scanner = newScanner(padded(s))
	sound := d.record(depth+1) && d.space() == 0 && d.i == len(d.src)
	broken := d.broken
	d.scanner = outer
	if sound {
		return true, true
	}
	d.events, d.rejected, d.index, d.foreign = d.events[:events], d.rejected[:rejected], index, foreign
	what := "text behind the record"
	if broken != nil {
		what = broken.Error()
	}
	d.reject("the record in the wrapper: "+what, s)
	return true, true
}

// whyForeign is the reason for a record that carries nothing of CloudTrail.
func whyForeign(raw string) string {
	if memberOf(raw, "insightDetails") != "" {
		return "a CloudTrail Insights event, which is no call"
	}
	if product := memberOf(raw, "ocsfProduct"); product != "" {
		return "an OCSF record of " + product + ", not of CloudTrail"
	}
	return "no eventName"
}
