#include "tools/report/lettering.h"

#include <algorithm>
#include <array>

namespace cuunet {

namespace {

constexpr int kRows = 9;

// One glyph per character from ' ' to '~': nine rows of five pixels, each row a digit in base 32 (0 … 9, A … V) whose
// highest bit is the leftmost pixel. Rows 8 and 9 lie below the line.
constexpr const char* kGlyphs[] = {
    "000000000", "444440400", "AAA000000", "AAVAVAA00", "4FKE5U400", "OP248J300", "CIK8LID00", "444000000", "248884200",
    "842224800", "04LEL4000", "044V44000", "000006624", "000E00000", "000006600", "11248GG00", "EHHHHHE00", "4C4444E00",
    "EH1248V00", "V2421HE00", "26AIV2200", "VGU11HE00", "68GUHHE00", "V12488800", "EHHEHHE00", "EHHF12C00", "006606600",
    "006606624", "248G84200", "00V0V0000", "842124800", "EH1240400", "EHNLNGE00", "EHHVHHH00", "UHHUHHU00", "EHGGGHE00",
    "UHHHHHU00", "VGGUGGV00", "VGGUGGG00", "EHGNHHF00", "HHHVHHH00", "E44444E00", "72222IC00", "HIKOKIH00", "GGGGGGV00",
    "HRLLHHH00", "HPPLJJH00", "EHHHHHE00", "UHHUGGG00", "EHHHLID00", "UHHUKIH00", "FGGE11U00", "V44444400", "HHHHHHE00",
    "HHHHHA400", "HHHLLLA00", "HHA4AHH00", "HHA444400", "V1248GV00", "E88888E00", "GG8421100", "E22222E00", "4AH000000",
    "0000000V0", "840000000", "00E1FHF00", "GGUHHHU00", "00EGGHE00", "11FHHHF00", "00EHVGE00", "68S888800", "00FHHHF1E",
    "GGUHHHH00", "40C444E00", "2062222IC", "GGIKOKI00", "C44444E00", "00QLLLL00", "00UHHHH00", "00EHHHE00", "00UHHHUGG",
    "00FHHHF11", "00MPGGG00", "00FGE1U00", "88S888600", "00HHHJD00", "00HHHA400", "00HHLLA00", "00HA4AH00", "00HHHHF1E",
    "00V248V00", "244844200", "444444400", "844244800", "008L20000",
};
constexpr const char* kBox = "VHHHHHV00";

struct Glyph {
  std::array<int, kRows> rows;
  int left, width;  // the columns that have ink; a space has two of its own
};

Glyph decode(const char* text) {
  Glyph glyph{{}, 0, 2};
  int ink = 0;
  for (int row = 0; row < kRows; ++row) {
    char c = text[row];
    glyph.rows[static_cast<size_t>(row)] = c <= '9' ? c - '0' : c - 'A' + 10;
    ink |= glyph.rows[static_cast<size_t>(row)];
  }
  if (ink == 0) return glyph;
  while (!(ink >> (4 - glyph.left) & 1)) ++glyph.left;
  int right = 4;
  while (!(ink >> (4 - right) & 1)) --right;
  glyph.width = right - glyph.left + 1;
  return glyph;
}

const Glyph& glyph_of(unsigned char c) {
  static const std::array<Glyph, 96> glyphs = [] {
    std::array<Glyph, 96> list{};
    for (size_t i = 0; i < std::size(kGlyphs); ++i) list[i] = decode(kGlyphs[i]);
    list[95] = decode(kBox);
    return list;
  }();
  return glyphs[c >= ' ' && c <= '~' ? static_cast<size_t>(c - ' ') : 95];
}

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Calls visit(glyph, left edge at scale 1) for each character; returns the width at scale 1.
template <class Visit>
int64_t lay_out(std::string_view text, const Visit& visit) {
  int64_t pen = 0;
  for (char c : text) {
    if (continues_a_character(c)) continue;
    const Glyph& glyph = glyph_of(static_cast<unsigned char>(c));
    visit(glyph, pen);
    pen += glyph.width + 1;
  }
  return std::max<int64_t>(0, pen - 1);
}

void fill_square(Image& image, int64_t left, int64_t top, int64_t side, Rgb colour) {
  for (int64_t y = std::max<int64_t>(0, top); y < std::min(image.height, top + side); ++y) {
    for (int64_t x = std::max<int64_t>(0, left); x < std::min(image.width, left + side); ++x) {
      uint8_t* pixel = image.pixel(y, x);
      pixel[0] = colour.r;
      pixel[1] = colour.g;
      pixel[2] = colour.b;
    }
  }
}

}  // namespace

int64_t text_width(std::string_view text, int64_t scale) {
  return scale * lay_out(text, [](const Glyph&, int64_t) {});
}

void draw_text(Image& image, int64_t x, int64_t y, std::string_view text, Rgb colour, int64_t scale) {
  lay_out(text, [&](const Glyph& glyph, int64_t pen) {
    for (int row = 0; row < kRows; ++row) {
      for (int column = 0; column < glyph.width; ++column) {
        if (!(glyph.rows[static_cast<size_t>(row)] >> (4 - glyph.left - column) & 1)) continue;
        fill_square(image, x + scale * (pen + column), y + scale * row, scale, colour);
      }
    }
  });
}

std::string shortened(std::string_view text, int64_t width, int64_t scale) {
  if (text_width(text, scale) <= width) return std::string(text);
  while (!text.empty() && text_width(std::string(text) + "..", scale) > width) {
    do {
      text.remove_suffix(1);
    } while (!text.empty() && continues_a_character(text.back()));
    if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0xC0) text.remove_suffix(1);
  }
  return std::string(text) + "..";
}

}  // namespace cuunet
