# Frames of gRPC that import N contacts: `perl import_frames.pl N`. The rows are those of import.sql.
use strict;
use warnings;

sub varint {
  my ($n) = @_;
  my $bytes = '';
  while ($n >= 0x80) { $bytes .= chr(($n & 0x7f) | 0x80); $n >>= 7; }
  return $bytes . chr($n);
}
sub text { my ($field, $value) = @_; return chr($field << 3 | 2) . varint(length $value) . $value; }
sub number { my ($field, $value) = @_; return chr($field << 3) . varint($value); }

binmode STDOUT;
my ($rows) = @ARGV;
my $message = '';
for my $n (1 .. $rows) {
  my $row = text(1, sprintf('01980000-0001-7000-8000-%012x', $n)) . text(2, "Imported $n") .
    text(3, "imported$n\@tenant.example") . text(4, '+49 30 ' . (1000000 + $n)) . number(5, $n % 3 + 1) .
    number(6, $n % 7 != 0 ? 1 : 0);
  $row .= text(7, 'Prefers to be called in the afternoon.') if $n % 4 == 0;
  $message .= text(1, $row);
  next unless $n % 1000 == 0 || $n == $rows;
  $message .= number(3, 1) if $n == $rows;    # last
  print pack('CN', 0, length $message), $message;
  $message = '';
}
